import sys

from rheobase_cli import main

sys.exit(main())

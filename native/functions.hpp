#pragma once
#include "exponential.hpp"

# Written by tools/native_stub.py from the extension itself.
import numpy as np

isa: str
isas: tuple[str, ...]

def ufuncs_of(isa: str, /) -> dict[str, np.ufunc]: ...
def add_bfloat16(dtype: np.dtype[np.generic], /) -> None: ...

bilinear: np.ufunc
bilinear_backward: np.ufunc
cross_entropy: np.ufunc
cross_entropy_backward: np.ufunc
cross_entropy_backward_where: np.ufunc
cross_entropy_where: np.ufunc
elu: np.ufunc
elu_backward: np.ufunc
elu_derivative: np.ufunc
elu_value_and_derivative: np.ufunc
glu: np.ufunc
glu_backward: np.ufunc
hardmax: np.ufunc
hardmax_where: np.ufunc
identity: np.ufunc
identity_backward: np.ufunc
identity_derivative: np.ufunc
identity_value_and_derivative: np.ufunc
leaky_relu: np.ufunc
leaky_relu_backward: np.ufunc
leaky_relu_derivative: np.ufunc
leaky_relu_value_and_derivative: np.ufunc
log_softmax: np.ufunc
log_softmax_backward: np.ufunc
log_softmax_backward_where: np.ufunc
log_softmax_where: np.ufunc
logmeanexp: np.ufunc
logmeanexp_where: np.ufunc
logsumexp: np.ufunc
logsumexp_backward: np.ufunc
logsumexp_backward_where: np.ufunc
logsumexp_where: np.ufunc
reglu: np.ufunc
reglu_backward: np.ufunc
relu: np.ufunc
relu_backward: np.ufunc
relu_derivative: np.ufunc
relu_value_and_derivative: np.ufunc
sigmoid: np.ufunc
sigmoid_backward: np.ufunc
sigmoid_derivative: np.ufunc
sigmoid_value_and_derivative: np.ufunc
soft_cross_entropy_backward_where: np.ufunc
soft_cross_entropy_where: np.ufunc
softmax: np.ufunc
softmax_backward: np.ufunc
softmax_backward_where: np.ufunc
softmax_where: np.ufunc
sparsemax: np.ufunc
sparsemax_backward: np.ufunc
sparsemax_backward_where: np.ufunc
sparsemax_where: np.ufunc
step: np.ufunc
step_backward: np.ufunc
step_derivative: np.ufunc
step_value_and_derivative: np.ufunc
tanh: np.ufunc
tanh_backward: np.ufunc
tanh_derivative: np.ufunc
tanh_value_and_derivative: np.ufunc

// bind(ufunc, values): the ufunc with its parameters, which are its last inputs, fixed. A call then
// converts no parameter, and a Python number meets no float64 beside it.
// Included by module.cpp alone, after NumPy's headers.
#pragma once

constexpr int max_parameters = 4;

// NumPy would cast the dtype of another package to the first wider one of its own, bfloat16 to float32.
// Without a loop of its own it is refused instead, so that the caller can add one.
static int resolve_types(PyUFuncObject* ufunc, NPY_CASTING casting, PyArrayObject** operands, PyObject* wanted,
                         PyArray_Descr** types) {
  for (int k = 0; k < ufunc->nin; ++k) {
    PyArray_Descr* dtype = PyArray_DESCR(operands[k]);
    if (!PyTypeNum_ISUSERDEF(dtype->type_num)) continue;
    PyObject* number = PyLong_FromLong(dtype->type_num);
    int known = !number ? -1 : ufunc->userloops ? PyDict_Contains(ufunc->userloops, number) : 0;
    Py_XDECREF(number);
    if (known == 0) PyErr_Format(PyExc_TypeError, "%s has no loop for dtype %R", ufunc->name, dtype);
    if (known != 1) return -1;
  }
  return PyUFunc_DefaultTypeResolver(ufunc, casting, operands, wanted, types);
}

struct Fixed {  // the data of one loop of a bound ufunc
  PyUFuncGenericFunction loop;
  void* data;
  int inputs, parameters, outputs;  // inputs: those that are left
  double values[max_parameters];
};

static void fixed_loop(char** arguments, const npy_intp* dimensions, const npy_intp* strides, void* data) {
  auto& fixed = *static_cast<Fixed*>(data);
  char* all[NPY_MAXARGS];
  npy_intp steps[NPY_MAXARGS];
  int to = 0, from = 0;
  for (; from < fixed.inputs; ++from, ++to) all[to] = arguments[from], steps[to] = strides[from];
  for (int k = 0; k < fixed.parameters; ++k, ++to)
    all[to] = reinterpret_cast<char*>(&fixed.values[k]), steps[to] = 0;
  for (; from < fixed.inputs + fixed.outputs; ++from, ++to) all[to] = arguments[from], steps[to] = strides[from];
  fixed.loop(all, dimensions, steps, fixed.data);
}

// The loops that were registered for the dtypes of other packages (bfloat16).
static int bind_user_loops(PyUFuncObject* from, PyUFuncObject* to, const Fixed& shape, Fixed* next) {
  PyObject *key, *capsule;
  for (Py_ssize_t at = 0; from->userloops && PyDict_Next(from->userloops, &at, &key, &capsule); ++next) {
    auto* loop = static_cast<PyUFunc_Loop1d*>(PyCapsule_GetPointer(capsule, nullptr));
    if (!loop) return -1;
    *next = shape;
    next->loop = loop->func;
    next->data = loop->data;
    int kept[NPY_MAXARGS];
    for (int k = 0; k < to->nargs; ++k) kept[k] = loop->arg_types[k < to->nin ? k : k + shape.parameters];
    if (PyUFunc_RegisterLoopForType(to, int(PyLong_AsLong(key)), fixed_loop, kept, next) < 0) return -1;
  }
  return 0;
}

static PyObject* bind(PyObject*, PyObject* arguments) {
  PyUFuncObject* ufunc;
  PyObject* values;
  if (!PyArg_ParseTuple(arguments, "O!O!", &PyUFunc_Type, &ufunc, &PyTuple_Type, &values)) return nullptr;
  Fixed shape{};
  shape.parameters = int(PyTuple_GET_SIZE(values));
  shape.inputs = ufunc->nin - shape.parameters;
  shape.outputs = ufunc->nout;
  if (shape.parameters > max_parameters || shape.inputs < 1)
    return PyErr_Format(PyExc_ValueError, "%s takes no %d parameters", ufunc->name, shape.parameters);
  for (int k = 0; k < shape.parameters; ++k) {
    shape.values[k] = PyFloat_AsDouble(PyTuple_GET_ITEM(values, k));
    if (PyErr_Occurred()) return nullptr;
  }

  const int count = ufunc->ntypes, operands = shape.inputs + shape.outputs;
  const int user = ufunc->userloops ? int(PyDict_GET_SIZE(ufunc->userloops)) : 0;
  const std::size_t each = sizeof(Fixed) + sizeof(PyUFuncGenericFunction) + sizeof(void*) + std::size_t(operands);
  // One piece of memory, which NumPy frees with the ufunc.
  auto* fixed = static_cast<Fixed*>(PyArray_malloc(std::size_t(count + user) * each));
  if (!fixed) return PyErr_NoMemory();
  auto* loops = reinterpret_cast<PyUFuncGenericFunction*>(fixed + count + user);
  auto* data = reinterpret_cast<void**>(loops + count);
  auto* types = reinterpret_cast<char*>(data + count);
  for (int type = 0; type < count; ++type) {
    fixed[type] = shape;
    fixed[type].loop = ufunc->functions[type];
    fixed[type].data = ufunc->data ? const_cast<void*>(ufunc->data[type]) : nullptr;
    loops[type] = fixed_loop;
    data[type] = &fixed[type];
    for (int k = 0; k < operands; ++k)
      types[type * operands + k] = ufunc->types[type * ufunc->nargs + (k < shape.inputs ? k : k + shape.parameters)];
  }
  auto* bound = reinterpret_cast<PyUFuncObject*>(PyUFunc_FromFuncAndData(
      loops, data, types, count, shape.inputs, shape.outputs, PyUFunc_None, ufunc->name, ufunc->doc, 0));
  if (!bound) return PyArray_free(fixed), nullptr;
  bound->type_resolver = resolve_types;
  bound->ptr = fixed;
  bound->obj = Py_NewRef(reinterpret_cast<PyObject*>(ufunc));
  if (bind_user_loops(ufunc, bound, shape, fixed + count) < 0) return Py_DECREF(bound), nullptr;
  return reinterpret_cast<PyObject*>(bound);
}

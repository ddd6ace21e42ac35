// The extension module: picks the instruction set and makes the ufuncs. Nothing numeric.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#define NPY_TARGET_VERSION NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include <cstdlib>
#include <cstring>

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#endif

#include "bind.hpp"
#include "target.hpp"

static_assert(sizeof(Index) == sizeof(npy_intp));

// ---- Threads ----

static bool in_forked_child = false;  // its copy of the thread pool has no threads

int thread_count() {
#ifdef _OPENMP
  return in_forked_child || omp_in_parallel() ? 1 : omp_get_max_threads();
#else
  return 1;
#endif
}

void out_of_memory() {
  PyGILState_STATE state = PyGILState_Ensure();
  PyErr_NoMemory();
  PyGILState_Release(state);
}

// ---- Instruction sets ----

struct Choice {
  const char* name;
  const Target* target;
  bool (*runs_here)();
};

#if defined(__x86_64__)
namespace v2 { extern const Target target; }
namespace v3 { extern const Target target; }
namespace v4 { extern const Target target; }
static const Choice choices[] = {
    // best first
    {"v4", &v4::target, [] { return bool(__builtin_cpu_supports("x86-64-v4")); }},
    {"v3", &v3::target, [] { return bool(__builtin_cpu_supports("x86-64-v3")); }},
    {"v2", &v2::target, [] { return bool(__builtin_cpu_supports("x86-64-v2")); }},
};
#else
namespace baseline { extern const Target target; }
static const Choice choices[] = {{"baseline", &baseline::target, [] { return true; }}};
#endif

static const Choice* choose() {
  const char* wanted = std::getenv("RHEOBASE_ISA");
  char known[64] = "";
  for (const Choice& choice : choices) {
    if (!choice.runs_here()) continue;
    if (!wanted || !*wanted || std::strcmp(wanted, choice.name) == 0) return &choice;
    if (*known) std::strcat(known, ", ");
    std::strcat(known, choice.name);
  }
  if (*known)
    PyErr_Format(PyExc_ImportError,
                 "RHEOBASE_ISA=%.40s names no instruction set of this machine; it runs %s. Unset it to "
                 "let rheobase choose.",
                 wanted, known);
  else
    PyErr_SetString(PyExc_ImportError, "rheobase needs a processor with x86-64-v2 (SSE4.2) or better.");
  return nullptr;
}

// ---- Ufuncs ----

constexpr int brain = 1;  // bfloat16 is not NumPy's own: its loops are added when its dtype is known

static int type_of(char operand, int type, int brain_type = NPY_NOTYPE) {
  const int floating[types] = {NPY_HALF, brain_type, NPY_FLOAT, NPY_DOUBLE};
  switch (operand) {
    case 'p': return NPY_DOUBLE;
    case 'i': return NPY_INT64;
    case 'b': return NPY_BOOL;
    default: return floating[type];
  }
}

static PyObject* make_ufunc(const Ufunc& ufunc) {
  int own = 0;
  for (int type = 0; type < types; ++type) own += type != brain && ufunc.loops[type];
  const int operands = int(std::strlen(ufunc.operands));
  const int outputs = int(operands - std::strcspn(ufunc.operands, "y"));
  // NumPy keeps these arrays for the life of the ufunc, which is the life of the process.
  auto* loops = static_cast<PyUFuncGenericFunction*>(PyMem_Malloc(std::size_t(own) * sizeof(PyUFuncGenericFunction)));
  auto* signatures = static_cast<char*>(PyMem_Malloc(std::size_t(own * operands)));
  auto* data = static_cast<void**>(PyMem_Malloc(std::size_t(own) * sizeof(void*)));
  if (!loops || !signatures || !data) return PyErr_NoMemory();
  for (int type = 0, k = 0; type < types; ++type) {
    if (type == brain || !ufunc.loops[type]) continue;
    loops[k] = reinterpret_cast<PyUFuncGenericFunction>(ufunc.loops[type]);
    data[k] = ufunc.data;
    for (int j = 0; j < operands; ++j) signatures[k * operands + j] = char(type_of(ufunc.operands[j], type));
    ++k;
  }
  PyObject* made = PyUFunc_FromFuncAndDataAndSignature(loops, data, signatures, own, operands - outputs,
                                                       outputs, PyUFunc_None, ufunc.name, nullptr, 0,
                                                       ufunc.signature);
  if (made) reinterpret_cast<PyUFuncObject*>(made)->type_resolver = resolve_types;
  return made;
}

// The ufuncs of an instruction set, by name; made once.
static PyObject* ufuncs_of(const Choice& choice) {
  static PyObject* made[sizeof(choices) / sizeof(choices[0])] = {};
  PyObject*& ufuncs = made[&choice - choices];
  if (ufuncs) return ufuncs;
  PyObject* dictionary = PyDict_New();
  if (!dictionary) return nullptr;
  for (int k = 0; k < choice.target->count; ++k) {
    PyObject* ufunc = make_ufunc(choice.target->ufuncs[k]);
    if (!ufunc || PyDict_SetItemString(dictionary, choice.target->ufuncs[k].name, ufunc) < 0) return nullptr;
    Py_DECREF(ufunc);
  }
  return ufuncs = dictionary;
}

static PyObject* ufuncs_by_name(PyObject*, PyObject* name) {
  const char* wanted = PyUnicode_AsUTF8(name);
  if (!wanted) return nullptr;
  for (const Choice& choice : choices)
    if (choice.runs_here() && std::strcmp(wanted, choice.name) == 0) {
      PyObject* ufuncs = ufuncs_of(choice);
      return ufuncs ? PyDict_Copy(ufuncs) : nullptr;
    }
  return PyErr_Format(PyExc_ValueError, "%R names no instruction set of this machine", name);
}

// Adds the loops for bfloat16, the dtype given, to every ufunc of every instruction set.
static PyObject* add_bfloat16(PyObject*, PyObject* dtype) {
  if (!PyArray_DescrCheck(dtype)) return PyErr_Format(PyExc_TypeError, "expected a dtype, got %R", dtype);
  const int number = reinterpret_cast<PyArray_Descr*>(dtype)->type_num;
  static int known = NPY_NOTYPE;
  if (number == known) Py_RETURN_NONE;
  if (!PyTypeNum_ISUSERDEF(number)) return PyErr_Format(PyExc_TypeError, "%R is not bfloat16", dtype);
  for (const Choice& choice : choices) {
    if (!choice.runs_here()) continue;
    PyObject* ufuncs = ufuncs_of(choice);
    if (!ufuncs) return nullptr;
    for (int k = 0; k < choice.target->count; ++k) {
      const Ufunc& ufunc = choice.target->ufuncs[k];
      if (!ufunc.loops[brain]) continue;
      int operands[NPY_MAXARGS];
      for (int j = 0; ufunc.operands[j]; ++j) operands[j] = type_of(ufunc.operands[j], brain, number);
      PyObject* object = PyDict_GetItemString(ufuncs, ufunc.name);
      if (PyUFunc_RegisterLoopForType(reinterpret_cast<PyUFuncObject*>(object), number,
                                      reinterpret_cast<PyUFuncGenericFunction>(ufunc.loops[brain]), operands,
                                      ufunc.data) < 0)
        return nullptr;
    }
  }
  known = number;
  Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"ufuncs_of", ufuncs_by_name, METH_O, "ufuncs_of(isa)\n--\n\nThe ufuncs compiled for an instruction set, by name."},
    {"add_bfloat16", add_bfloat16, METH_O, "add_bfloat16(dtype)\n--\n\nTeach every ufunc the dtype of ml_dtypes."},
    {"bind", bind, METH_VARARGS, "bind(ufunc, values)\n--\n\nThe ufunc with its last inputs fixed to floats."},
    {nullptr, nullptr, 0, nullptr}};

static int fill(PyObject* module) {
  if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0) return -1;
  const Choice* choice = choose();
  if (!choice) return -1;
#ifdef _OPENMP
  pthread_atfork(nullptr, nullptr, [] { in_forked_child = true; });
#endif
  if (PyModule_AddStringConstant(module, "isa", choice->name) < 0) return -1;
  PyObject* runnable = PyList_New(0);
  if (!runnable) return -1;
  for (const Choice& other : choices) {
    if (!other.runs_here()) continue;
    PyObject* name = PyUnicode_FromString(other.name);
    if (!name || PyList_Append(runnable, name) < 0) return -1;
    Py_DECREF(name);
  }
  PyObject* isas = PyList_AsTuple(runnable);
  Py_DECREF(runnable);
  if (!isas || PyModule_AddObjectRef(module, "isas", isas) < 0) return -1;
  Py_DECREF(isas);
  PyObject* ufuncs = ufuncs_of(*choice);
  return ufuncs ? PyDict_Update(PyModule_GetDict(module), ufuncs) : -1;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(fill)},
#ifdef Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
#ifdef Py_MOD_GIL_NOT_USED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr}};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", "The ufuncs of rheobase.", 0,
                                 functions, slots, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&definition); }

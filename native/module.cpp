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

static char type_of(char operand, int type) {
  static const char floating[types] = {NPY_HALF, NPY_FLOAT, NPY_DOUBLE};
  return operand == 'p' ? char(NPY_DOUBLE) : operand == 'i' ? char(NPY_INT64) : operand == 'b' ? char(NPY_BOOL) : floating[type];
}

static PyObject* make_ufunc(const Ufunc& ufunc) {
  const int operands = int(std::strlen(ufunc.operands));
  const int outputs = int(operands - std::strcspn(ufunc.operands, "y"));
  // NumPy keeps these arrays for the life of the ufunc, which is the life of the process.
  auto* loops = static_cast<PyUFuncGenericFunction*>(PyMem_Malloc(types * sizeof(PyUFuncGenericFunction)));
  auto* signatures = static_cast<char*>(PyMem_Malloc(std::size_t(types * operands)));
  if (!loops || !signatures) return PyErr_NoMemory();
  for (int type = 0; type < types; ++type) {
    loops[type] = reinterpret_cast<PyUFuncGenericFunction>(ufunc.loops[type]);
    for (int k = 0; k < operands; ++k) signatures[type * operands + k] = type_of(ufunc.operands[k], type);
  }
  static void* const no_data[types] = {};
  return PyUFunc_FromFuncAndDataAndSignature(loops, const_cast<void**>(no_data), signatures, types,
                                             operands - outputs, outputs, PyUFunc_None, ufunc.name,
                                             nullptr, 0, ufunc.signature);
}

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
  for (int k = 0; k < choice->target->count; ++k) {
    PyObject* ufunc = make_ufunc(choice->target->ufuncs[k]);
    if (!ufunc || PyModule_AddObjectRef(module, choice->target->ufuncs[k].name, ufunc) < 0) return -1;
    Py_DECREF(ufunc);
  }
  return 0;
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
                                 nullptr, slots, nullptr, nullptr, nullptr};

PyMODINIT_FUNC PyInit__native() { return PyModuleDef_Init(&definition); }

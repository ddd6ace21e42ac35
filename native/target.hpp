// What module.cpp and the code compiled per instruction set (targets.cpp) know of each other.
#pragma once

#include <cstdint>

using Index = std::intptr_t;  // NumPy's npy_intp

// A NumPy inner loop: arguments, outer and core dimensions, strides, the data of the ufunc.
using Loop = void (*)(char** arguments, const Index* dimensions, const Index* strides, void* data);

constexpr int types = 4;  // float16, bfloat16, float32, float64, in this order

struct Ufunc {
  const char* name;
  const char* signature;  // nullptr: element-wise
  const char* operands;   // one letter an operand: x floating, p float64 parameter, i integer, b boolean,
                         // y output
  Loop loops[types];  // nullptr: not for this type
  void* data;
};

struct Target {
  const Ufunc* ufuncs;
  int count;
};

// Threads that a large call may use: 1 in a forked child and inside a parallel region.
int thread_count();

// Sets MemoryError; without the GIL.
void out_of_memory();

#pragma once

#include "options.hpp"

namespace python {

/// CPython, in this process, for as long as this lives. The thread that makes it is Python's main
/// thread, and has its lock (the GIL). Whatever refers to an object of Python's has to be gone
/// before: this is the first thing that a program makes.
class Interpreter {
 public:
  /// Uses the environment of `VIRTUAL_ENV`, if there is one, or else the Python that this program
  /// was built with. Throws std::runtime_error when it does not start.
  Interpreter();
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
};

}  // namespace python

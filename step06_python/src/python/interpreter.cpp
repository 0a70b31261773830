#include "python/interpreter.hpp"

#include <pybind11/embed.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace python {
namespace {

// Where Python is installed it infers from the path of its program, which ours is not: the first
// python3 of PATH, for which it would look, can be of another version.
std::string program() {
  const char* const environment = std::getenv("VIRTUAL_ENV");
  const bool is_set = environment && *environment;
  return is_set ? std::string(environment) + "/bin/python" : PYTHON_EXECUTABLE;
}

void check(PyStatus status) {
  if (!PyStatus_Exception(status)) return;
  throw std::runtime_error(std::string("Python does not start: ") + status.err_msg);
}

// Frees what PyConfig_InitPythonConfig() and what follows it allocate.
struct Config : PyConfig {
  Config() : PyConfig() { PyConfig_InitPythonConfig(this); }
  ~Config() { PyConfig_Clear(this); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
};

}  // namespace

Interpreter::Interpreter() {
  Config config;
  config.install_signal_handlers = 0;  // the loop does it, when there is one
  config.parse_argv = 0;
  check(PyConfig_SetBytesString(&config, &config.program_name, program().c_str()));
  check(Py_InitializeFromConfig(&config));
}

Interpreter::~Interpreter() { pybind11::finalize_interpreter(); }

}  // namespace python

#include "asgi/failure.hpp"

#include <string>

#include "connection.hpp"
#include "log.hpp"

namespace asgi {

bool log_failure(const std::exception_ptr& exception) {
  try {
    if (exception) std::rethrow_exception(exception);
    return false;
  } catch (const Disconnected&) {
    return false;
  } catch (const std::exception& error) {
    log_line(std::string("application failed: ") + error.what());
  } catch (...) {
    log_line("application failed");
  }
  return true;
}

}  // namespace asgi

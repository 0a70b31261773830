#include "page.hpp"

std::string_view wall_page() {
  return
#include "page.inc"
      ;
}

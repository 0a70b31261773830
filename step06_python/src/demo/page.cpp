#include "demo/page.hpp"

std::string_view demo_page() {
  return
#include "page.inc"
      ;
}

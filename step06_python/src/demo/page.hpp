#pragma once

#include <string_view>

/// The demo page: page.html, which is compiled into the program.
std::string_view demo_page();

#pragma once

#include <string_view>

/// The page on the wall: page.html, which is compiled into the program.
std::string_view wall_page();

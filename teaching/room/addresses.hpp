#pragma once

#include <string>
#include <vector>

/// The IPv4 addresses by which other machines may find this one: those of its interfaces that are
/// up, without loopback.
std::vector<std::string> addresses_for_others();

#pragma once

#include <cstddef>
#include <string>

/// How far a server has come: what a student reports to the wall of the room, and nothing else.
struct Standing {
  std::string next;  ///< the move to build next, as "3.2"; empty: the failure belongs to none
  std::string check;  ///< the first one that has failed; empty: none
  std::string report;  ///< what is shown of that failure, without its title
};

/// The columns of Standing::report: it is read from the last row of the room.
inline constexpr std::size_t wall_width = 72;

/// Writes it to the file settings().standing, if one was asked for, as the form that the wall takes
/// (application/x-www-form-urlencoded). A long report is cut. A file
/// that cannot be written is told, and changes nothing else.
void write_standing(const Standing& standing);

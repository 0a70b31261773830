#pragma once

#include <string>
#include <vector>

#include "story.hpp"

/// What came of one check.
enum class Verdict { passed, failed, not_judged };

/// The checks that doctest's filters have selected, in order. Filled by a query of doctest's.
std::vector<std::string>& selected_checks();

/// Prints the name of what is judged.
void print_heading();

/// Prints, as a failure, what is wrong with the server and belongs to no check.
void report_bad_end(const std::string& title, const std::vector<std::string>& troubles);

/// Prints that nothing could be judged, because the server does not even answer one request.
void report_no_answer(const Failure& failure);

/// Prints that nothing could be judged, because the server did not start.
void report_no_start(const Failure& failure);

/// Prints the ladder and, as the last line, the totals.
void print_summary();

/// Prints, for red before green, the checks that should have failed and did not.
void print_unexpected();

/// How many checks came out so.
int count(Verdict verdict);

/// Prints the selected checks, step by step, or as a table in Markdown.
void print_list(bool markdown);

#pragma once

#include <chrono>
#include <string>

/// What the command line says.
struct Settings {
  std::string command;  ///< starts the judged server; empty: see address
  std::string address;  ///< of a server that runs already, as host:port
  int step = 0;  ///< checks of this step and of those before it
  int move = 0;  ///< of that step only the checks up to this move; 0: all
  int only_since = 0;  ///< only the checks that this step adds; 0: all
  std::chrono::milliseconds patience{2000};  ///< for what must happen
  bool climb = false;  ///< from step to step, up to the first that fails
  std::string more = "--step {step}";  ///< what shows the failures that climbing does not
  std::string progress;  ///< the folder that keeps what the last run came to; empty: none is kept
  bool all = false;  ///< each failure in full
  bool first = false;  ///< stop at the first failure
  bool expect_all_to_fail = false;  ///< red before green
  bool list = false;  ///< name the checks, run none
  bool markdown = false;  ///< name them in a Markdown table
  std::string standing;  ///< the file to write it to, for the wall of the room; empty: none
  std::string next;  ///< the move after those that are judged; empty: it has the next number
  int accept_and_close = -1;  ///< be the server that step 01 is red on, at this port
};

/// The settings of this run.
Settings& settings();

/// How long a client waits for what must happen. After many waits in vain it is less.
std::chrono::milliseconds patience();

/// A duration as in "2 s".
std::string in_words(std::chrono::milliseconds time);

/// A client has waited in vain.
void count_silence();

/// Whether that has not happened so often yet that patience() is less.
bool is_news();

#pragma once

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string_view>

/// A file with that content, for as long as it lives.
class File {
 public:
  explicit File(std::string_view content) {
    const int descriptor = ::mkstemp(path_);
    if (descriptor != -1) ::close(descriptor);
    std::ofstream(path_) << content;
  }
  ~File() { ::unlink(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/pathsend_XXXXXX";
};

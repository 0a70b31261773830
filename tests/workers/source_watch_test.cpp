// A directory that goes while the files below it are looked at: here openat() and open(), by which
// the C++ library reaches it, remove it first.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "source_watch.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#define VISIBLE __attribute__((visibility("default")))  // for the C++ library, too

namespace fs = std::filesystem;

namespace {

fs::path root;
bool armed = false;  // the next directory below `root` that is opened is removed

void remove_before(const char* path) {
  const fs::path name = fs::path(path).filename();
  if (!armed || name.string().rfind("package", 0) != 0) return;
  armed = false;
  unlink((root / name / "module.py").c_str());
  rmdir((root / name).c_str());
}

}  // namespace

extern "C" VISIBLE int openat(int directory, const char* path, int flags, ...) {
  remove_before(path);
  return static_cast<int>(syscall(SYS_openat, directory, path, flags, 0600));
}

extern "C" VISIBLE int open(const char* path, int flags, ...) {
  return openat(AT_FDCWD, path, flags);
}

TEST_CASE("a directory that goes takes only its own files with it") {
  std::string name = fs::temp_directory_path() / "source_watch.XXXXXX";
  root = mkdtemp(name.data());
  for (const char* const package : {"package1", "package2", "package3"}) {
    fs::create_directory(root / package);
    std::ofstream(root / package / "module.py") << "x = 1\n";
  }
  SourceWatch watch(root);
  CHECK(watch.changed() == std::nullopt);
  armed = true;
  CHECK(watch.changed() == "module.py");
  CHECK(!armed);
  CHECK(watch.changed() == std::nullopt);
  fs::remove_all(root);
}

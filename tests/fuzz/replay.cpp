// Stands in for libFuzzer where the compiler has none: calls the target with each file that is
// named, and with each file of each directory that is named. None at all is a failure.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "fuzz.hpp"

namespace fs = std::filesystem;

namespace {

int replayed = 0;

void replay(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::cerr << path.filename().string() << '\n';  // so that the last line names what crashed
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ++replayed;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      replay(argv[i]);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(argv[i])) replay(entry.path());
  }
  std::cerr << replayed << " inputs replayed\n";
  return replayed > 0 ? 0 : 1;
}

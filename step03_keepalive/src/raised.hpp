#pragma once

/// Keeps a flag true while it lives, and ends that in any case: a coroutine that is thrown out of,
/// or destroyed while it waits, runs its destructors. The flag outlives this.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  bool& flag_;
};

#pragma once

/// Sets a flag for the length of a scope, however the scope is left: a coroutine that is thrown out
/// of, or destroyed while it waits, runs its destructors. The flag outlives this.
class FlagGuard {
 public:
  explicit FlagGuard(bool& flag) : flag_(flag) { flag_ = true; }
  ~FlagGuard() { flag_ = false; }
  FlagGuard(const FlagGuard&) = delete;
  FlagGuard& operator=(const FlagGuard&) = delete;

 private:
  bool& flag_;
};

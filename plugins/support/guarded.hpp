// Guarded<T>: a value that can only be reached while its lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace rtspproxy {

template <class T>
class Guarded {
  public:
    // Holds the lock while it lives; use as a pointer to the value.
    class Access {
      public:
        T* operator->() { return value_; }
        T& operator*() { return *value_; }

      private:
        friend class Guarded;
        Access(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
        std::unique_lock<std::mutex> lock_;
        T* value_;
    };

    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    [[nodiscard]] Access lock() { return Access(mutex_, value_); }
    // Calls function(value) under the lock. Do not push buffers or emit signals in it.
    template <class Function>
    auto with(Function&& function) {
        const std::lock_guard<std::mutex> guard(mutex_);
        return std::forward<Function>(function)(value_);
    }

  private:
    std::mutex mutex_;
    T value_;
};

} // namespace rtspproxy

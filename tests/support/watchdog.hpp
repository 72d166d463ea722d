// Ends a test program that hangs, so that a dead lock is a failure with a name and not a silence.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace rtspproxy::tests {

class Watchdog {
  public:
    // After `limit` prints `name` and ends the process with exit code 124.
    Watchdog(std::string name, std::chrono::seconds limit);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

  private:
    void run(const std::string& name, std::chrono::seconds limit);

    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

// The fixture of every test that starts processes, servers or pipelines.
class WatchedTest : public ::testing::Test {
  protected:
    explicit WatchedTest(std::chrono::seconds limit = std::chrono::seconds(90));

  private:
    Watchdog watchdog_;
};

} // namespace rtspproxy::tests

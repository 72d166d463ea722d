#include "tests/support/watchdog.hpp"

#include <cstdio>
#include <cstdlib>

namespace rtspproxy::tests {

namespace {

std::string current_test_name() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    return info == nullptr ? "test" : std::string(info->test_suite_name()) + "." + info->name();
}

} // namespace

Watchdog::Watchdog(std::string name, std::chrono::seconds limit)
    : thread_([this, name = std::move(name), limit] { run(name, limit); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard guard(mutex_);
        done_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Watchdog::run(const std::string& name, std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return done_; }))
        return;
    std::fprintf(stderr, "%s still runs after %lld s: ended by its watchdog\n", name.c_str(),
                 static_cast<long long>(limit.count()));
    std::_Exit(124);
}

WatchedTest::WatchedTest(std::chrono::seconds limit) : watchdog_(current_test_name(), limit) {}

} // namespace rtspproxy::tests

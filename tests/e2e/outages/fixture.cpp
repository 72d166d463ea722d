#include "tests/e2e/outages/fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace rtspproxy::tests {
namespace {

int occurrences(const std::string& text, const std::string& what) {
    int count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++count;
    return count;
}

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> found;
    for (const auto& line : split_lines(text.substr(0, text.rfind('\n') + 1)))
        if (line.starts_with("{\"mount\""))
            found.push_back(nlohmann::json::parse(line));
    return found;
}

} // namespace

const char* to_string(Ingest ingest) {
    return ingest == Ingest::Tcp ? "tcp" : "udp";
}

void PrintTo(Ingest ingest, std::ostream* stream) {
    *stream << to_string(ingest);
}

void OutageTest::start_proxy(Ingest ingest, const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"-v", "--stall-timeout", "1", "--connect-timeout", "1"};
    all.emplace_back(ingest == Ingest::Tcp ? "--tcp" : "--strict-transport");
    for (const auto& argument : arguments) {
        const auto same = std::find(all.begin(), all.end(), argument);
        if (argument.starts_with("--") && same != all.end())
            all.erase(same, same + 2);
    }
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(camera_.url());
    proxy_.emplace(all);
    reports_ = 0;
}

void OutageTest::start_viewers(std::vector<std::string> options, int clients) {
    ASSERT_TRUE(proxy_->wait_ready()) << proxy_->report();
    options.emplace_back("--audio");
    viewers_.emplace(proxy_->url(), std::move(options), clients);
    ASSERT_TRUE(viewers_->wait_fed()) << viewers_->stats().dump();
    ASSERT_TRUE(viewers_->wait_key_frames()) << viewers_->stats().dump();
}

bool OutageTest::wait_lost(int count) {
    return eventually(
        [&] { return occurrences(proxy_->process().err(), "back end lost") >= count; }, 30s);
}

nlohmann::json OutageTest::counters() {
    proxy_->process().send_signal(SIGUSR1);
    ++reports_;
    const bool printed =
        eventually([&] { return json_lines(proxy_->process().err()).size() >= reports_; });
    return printed ? json_lines(proxy_->process().err()).back() : nlohmann::json();
}

} // namespace rtspproxy::tests

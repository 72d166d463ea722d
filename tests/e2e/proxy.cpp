#include "tests/e2e/proxy.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace rtspproxy::tests {

namespace {

std::vector<std::string> command_line(std::uint16_t port, const std::vector<std::string>& more,
                                      const std::string& debug_log) {
    std::vector<std::string> all;
    if (!debug_log.empty())
        all = {"env", "GST_DEBUG=*:2", "GST_DEBUG_NO_COLOR=1", "GST_DEBUG_FILE=" + debug_log};
    const std::vector<std::string> own{proxy_binary(), "--bind", "127.0.0.1", "-p",
                                       std::to_string(port)};
    all.insert(all.end(), own.begin(), own.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

} // namespace

std::string proxy_binary() {
    return RTSPPROXY_BINARY;
}

Finished run_proxy(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), proxy_binary());
    return run(std::move(arguments));
}

std::vector<PlayLine> play_lines(const std::string& out) {
    static const std::regex kPattern("Play \"(.*)\" at: (rtsp://\\S+)");
    std::vector<PlayLine> lines;
    for (const auto& line : split_lines(out))
        if (std::smatch match; std::regex_match(line, match, kPattern))
            lines.push_back({match[1], match[2]});
    return lines;
}

Proxy::Proxy(const std::vector<std::string>& arguments, const std::string& debug_log)
    : port_(free_port()), process_(command_line(port_, arguments, debug_log)) {}

Proxy::~Proxy() {
    if (process_.running()) {
        const auto exit_code = end();
        EXPECT_EQ(exit_code, 0) << "after SIGTERM";
    }
    if (::testing::Test::HasFailure())
        ADD_FAILURE() << report();
}

bool Proxy::wait_listening() const {
    return eventually([this] { return connect_tcp("127.0.0.1", port_, 1s).has_value(); });
}

bool Proxy::wait_announced(std::size_t mounts) {
    return eventually([&] {
               return play_lines(process_.out()).size() >= mounts || !process_.running();
           }) &&
           process_.running();
}

bool Proxy::wait_status(int status, const std::string& mount, Clock::duration patience) {
    const auto answers = [&] {
        const auto response = rtsp_request("DESCRIBE", url(mount));
        return response && response->status == status;
    };
    return wait_announced() && eventually(
                                   [&] {
                                       const bool is = answers();
                                       if (!is)
                                           std::this_thread::sleep_for(20ms);
                                       return is;
                                   },
                                   patience);
}

std::optional<int> Proxy::end(int signal) {
    process_.send_signal(signal);
    return process_.wait_exit();
}

std::string Proxy::url(const std::string& mount, const std::string& host) const {
    return "rtsp://" + host + ":" + std::to_string(port_) + "/" + mount;
}

} // namespace rtspproxy::tests

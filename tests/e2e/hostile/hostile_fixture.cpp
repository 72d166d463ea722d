#include "tests/e2e/hostile/hostile_fixture.hpp"

#include "plugins/support/deleter.hpp"
#include "tests/support/material.hpp"

#include <glib.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace rtspproxy::tests {
namespace {

using namespace std::chrono_literals;

std::vector<nlohmann::json> front_end_lines(const std::string& text) {
    std::vector<nlohmann::json> found;
    for (const auto& line : split_lines(text.substr(0, text.rfind('\n') + 1)))
        if (line.starts_with("{\"front_end\""))
            found.push_back(nlohmann::json::parse(line).at("front_end"));
    return found;
}

} // namespace

HostileTest::HostileTest(std::vector<std::string> arguments, std::chrono::seconds limit)
    : WatchedTest(limit), arguments_(std::move(arguments)) {
    server_.mount("/live", launch_line(private_track(0)));
    arguments_.insert(arguments_.end(), {"--tcp", server_.url("/live")});
}

void HostileTest::SetUp() {
    proxy_.emplace(arguments_);
    ASSERT_TRUE(proxy_->wait_ready());
    tcp_.emplace(proxy_->url(), PlayerTransport::Tcp);
    udp_.emplace(proxy_->url(), PlayerTransport::Udp);
    ASSERT_TRUE(tcp_->play().has_value());
    // Until they flow, gst-rtsp-server may answer 503 to the next PLAY of the same media.
    ASSERT_TRUE(tcp_->wait_packets(10));
    ASSERT_TRUE(udp_->play().has_value());
    ASSERT_TRUE(udp_->wait_packets(10));
}

void HostileTest::expect_bystanders_unharmed(std::size_t more) {
    for (RtspPlayer* player : {&*tcp_, &*udp_}) {
        SCOPED_TRACE(player == &*tcp_ ? "tcp" : "udp");
        EXPECT_TRUE(player->wait_packets(player->count() + more));
        EXPECT_TRUE(player->connected());
        const auto difference = find_difference(server_.sent("/live"), player->packets());
        EXPECT_FALSE(difference) << *difference;
    }
}

void HostileTest::expect_served() {
    RtspPlayer player(proxy_->url());
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    EXPECT_TRUE(player.wait_packets(5));
    EXPECT_TRUE(player.teardown().has_value());
}

Fd HostileTest::connect() const {
    auto connected = connect_tcp("127.0.0.1", proxy_->port(), 5s);
    EXPECT_TRUE(connected) << connected.error().message;
    return connected ? std::move(*connected) : Fd();
}

bool HostileTest::send(const Fd& socket, const std::string& text) {
    return ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
}

HostileTest::Answer HostileTest::read_to_end(const Fd& socket, Clock::duration patience) {
    Answer answer;
    answer.closed = eventually(
        [&] {
            std::array<char, 4096> bytes{};
            const ssize_t got = recv(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            answer.text.append(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0U);
            return got == 0 || (got < 0 && errno != EAGAIN);
        },
        patience);
    return answer;
}

std::string HostileTest::read(const Fd& socket) {
    std::string text;
    for (char byte = 0; !text.ends_with("\r\n\r\n"); text.push_back(byte))
        if (recv(socket.get(), &byte, 1, 0) != 1) // gives up after a while: connect()
            break;
    return text;
}

nlohmann::json HostileTest::front_end() {
    const auto before = front_end_lines(proxy_->process().err()).size();
    proxy_->process().send_signal(SIGUSR1);
    const bool printed =
        eventually([&] { return front_end_lines(proxy_->process().err()).size() > before; });
    return printed ? front_end_lines(proxy_->process().err()).back() : nlohmann::json();
}

std::size_t HostileTest::proxy_descriptors() {
    const std::filesystem::directory_iterator all("/proc/" +
                                                  std::to_string(proxy_->process().pid()) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::string base64(const std::string& text) {
    const GCharPtr encoded(
        g_base64_encode(reinterpret_cast<const guchar*>(text.data()), text.size()));
    return encoded.get();
}

} // namespace rtspproxy::tests

// The front door's thread, and those that come through it or change its settings meanwhile.
#include "plugins/registration/front_door.hpp"

#include "tests/support/deadline.hpp"
#include "tests/support/socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace rtspproxy::registration::tests {
namespace {

using rtspproxy::tests::connect_tcp;
using rtspproxy::tests::eventually;
using rtspproxy::tests::Fd;

class CountingListener : public FrontDoor::Listener {
  public:
    bool connection_arrived(GSocket*, const Peer&) override {
        ++arrived;
        return false; // nobody wants it: it is closed
    }
    unsigned stream_registered(const Request& request, GSocket*, const Peer&) override {
        urls.lock()->push_back(request.url);
        return 200;
    }
    unsigned stream_deregistered(const Request&, const Peer&) override { return 200; }
    void connection_reusable(GSocket*, const Request&, const Peer&) override {}
    void request_refused(const Request&, const Peer&, unsigned) override {}
    void connection_dropped(const Peer&, Counter) override { ++dropped; }

    std::atomic<int> arrived{0}, dropped{0};
    Guarded<std::vector<std::string>> urls;
};

void send_text(const Fd& socket, const std::string& text) {
    ASSERT_EQ(send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
}

std::string answer_to(std::uint16_t port, const std::string& text) {
    const auto socket = connect_tcp("127.0.0.1", port, std::chrono::seconds(10));
    if (!socket)
        return socket.error().message;
    send_text(*socket, text);
    char buffer[512];
    const auto size = recv(socket->get(), buffer, sizeof buffer, 0);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : std::string();
}

std::string registration_of(int number) {
    return "REGISTER rtsp://127.0.0.1/" + std::to_string(number) +
           " RTSP/1.0\r\nCSeq: 1\r\nTransport: preferred_delivery_protocol=udp\r\n\r\n";
}

TEST(FrontDoor, ServesManyAtATime) {
    constexpr int kThreads = 4;
    constexpr int kEach = 10;
    CountingListener listener;
    FrontDoor door(listener);
    door.judge_options().lock()->enabled = true;
    ListenOptions where;
    where.address = "127.0.0.1";
    const auto port = door.open(where);
    ASSERT_TRUE(port.has_value());
    std::atomic<int> accepted{0};
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread)
            threads.emplace_back([&, thread] {
                for (int i = 0; i < kEach; ++i) {
                    if (answer_to(*port, registration_of(thread * kEach + i))
                            .starts_with("RTSP/1.0 200"))
                        ++accepted;
                    // Handed on, and not taken.
                    EXPECT_TRUE(answer_to(*port, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
                                    .starts_with("RTSP/1.0 503"));
                }
            });
        // Settings change and counters are read meanwhile.
        for (int i = 0; i < 50; ++i) {
            door.options().lock()->max_header_bytes = static_cast<std::size_t>(4096 + i);
            static_cast<void>(door.counters().get(Counter::Accepted));
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    EXPECT_EQ(accepted, kThreads * kEach);
    EXPECT_EQ(listener.urls.lock()->size(), static_cast<std::size_t>(kThreads * kEach));
    EXPECT_EQ(listener.arrived, kThreads * kEach);
}

TEST(FrontDoor, ClosesWithConnectionsInEveryState) {
    for (int round = 0; round < 5; ++round) {
        CountingListener listener;
        FrontDoor door(listener);
        ListenOptions where;
        where.address = "127.0.0.1";
        const auto port = door.open(where);
        ASSERT_TRUE(port.has_value());
        std::vector<Fd> peers;
        for (const char* text :
             {"", "REGIS", "REGISTER rtsp://127.0.0.1/a RTSP/1.0\r\nCSeq: 1\r\n"}) {
            auto socket = connect_tcp("127.0.0.1", *port, std::chrono::seconds(10));
            ASSERT_TRUE(socket.has_value());
            if (*text != '\0')
                send_text(*socket, text);
            peers.push_back(std::move(*socket));
        }
        door.close();
        for (const Fd& peer : peers) {
            char byte = 0;
            EXPECT_LE(recv(peer.get(), &byte, 1, 0), 0);
        }
    }
}

} // namespace
} // namespace rtspproxy::registration::tests

// Many clients at once, through the kernel's batches: what the two tracks of a session, which come
// in two threads, do to each other.
#include "app/delivery/track_fanout.hpp"
#include "app/delivery/writer.hpp"

#include "tests/unit/delivery/io_uring.hpp"
#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <future>
#include <map>
#include <thread>

namespace rtspproxy::delivery::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kClients = 100; // more than one batch

// Connections whose other ends read everything, count frames by channel, and check that those of
// each channel come in the order of their sequence numbers, from 0 on.
class Clients {
  public:
    Clients() {
        for (std::size_t i = 0; i < kClients; ++i) {
            std::array<int, 2> pair{};
            EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
            const FileDescriptor server(pair[0]);
            outputs.push_back(writer_.adopt(server.get(), "client"));
            ends_.emplace_back(pair[1]);
        }
        reading_ = std::thread([this] { read(); });
    }
    ~Clients() {
        stop_ = true;
        reading_.join();
    }
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    std::vector<std::shared_ptr<SocketOutput>> outputs;
    std::array<std::atomic<std::size_t>, 256> frames{};
    std::atomic<bool> malformed{false};
    std::atomic<std::size_t> out_of_order{0};

  private:
    using Next = std::map<std::uint8_t, std::uint16_t>; // sequence number, by channel

    void read() {
        std::vector<std::string> bytes(kClients);
        std::vector<Next> next(kClients);
        std::vector<pollfd> fds;
        for (const FileDescriptor& end : ends_)
            fds.push_back({end.get(), POLLIN, 0});
        while (!stop_) {
            poll(fds.data(), fds.size(), 20);
            for (std::size_t i = 0; i < kClients; ++i)
                while (receive(fds[i].fd, bytes[i]))
                    count(bytes[i], next[i]);
        }
    }
    static bool receive(int socket, std::string& into) {
        std::array<char, 65536> buffer;
        const ssize_t got = recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got > 0)
            into.append(buffer.data(), static_cast<std::size_t>(got));
        return got > 0;
    }
    void count(std::string& bytes, Next& next) {
        std::size_t at = 0;
        const auto u16 = [&](std::size_t offset) {
            return static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes[offset]) << 8U |
                                              static_cast<std::uint8_t>(bytes[offset + 1]));
        };
        while (bytes.size() - at >= rtp::kFrameHeaderSize) {
            malformed = malformed || bytes[at] != '$';
            const std::size_t length = u16(at + 2);
            if (bytes.size() - at < rtp::kFrameHeaderSize + length)
                break;
            const auto channel = static_cast<std::uint8_t>(bytes[at + 1]);
            if (u16(at + rtp::kFrameHeaderSize + 2) != next[channel]++)
                ++out_of_order;
            ++frames.at(channel);
            at += rtp::kFrameHeaderSize + length;
        }
        bytes.erase(0, at);
    }

    Writer writer_{OutputLimits{}};
    std::vector<FileDescriptor> ends_;
    std::atomic<bool> stop_{false};
    std::thread reading_;
};

ReceiverPtr play(TrackFanout& track, const std::shared_ptr<SocketOutput>& output,
                 std::uint8_t channel) {
    auto receiver =
        output->make_receiver(channel, static_cast<std::uint8_t>(channel + 1), true, [] {});
    (void)track.join(receiver, std::nullopt, 0);
    track.begin(*receiver, {});
    return receiver;
}

void publish(TrackFanout& track, std::uint8_t channel, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        track.publish(unit(static_cast<std::uint16_t>(i), static_cast<std::uint32_t>(i),
                           {.packet_size = 500, .channel = channel}),
                      true, kMs * i);
}

constexpr auto kPatience = 30s;

class BatchDelivery : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto refusal = io_uring_refusal(); !refusal.empty())
            GTEST_SKIP() << refusal << ": nothing is sent in batches";
    }
};

TEST_F(BatchDelivery, TwoTracksOfTheSameClientsDoNotWaitForEachOther) {
#ifdef __SANITIZE_THREAD__
    constexpr std::size_t kUnits = 30; // its reading thread is slow there, and must not seem stuck
#else
    constexpr std::size_t kUnits = 300;
#endif
    Clients clients;
    TrackFanout video({true, rtp::Codec::H264, 90000, 0}, {});
    TrackFanout sound({false, rtp::Codec::EveryFrame, 8000, 2}, {});
    std::vector<ReceiverPtr> receivers;
    for (const auto& output : clients.outputs)
        receivers.push_back(play(video, output, 0));
    for (auto output = clients.outputs.rbegin(); output != clients.outputs.rend(); ++output)
        receivers.push_back(play(sound, *output, 2)); // in another order
    auto first = std::async(std::launch::async, [&] { publish(video, 0, kUnits); });
    auto second = std::async(std::launch::async, [&] { publish(sound, 2, kUnits); });
    // A deadlock could not be ended but with the process.
    if (first.wait_for(kPatience) != std::future_status::ready ||
        second.wait_for(kPatience) != std::future_status::ready) {
        std::fputs("the two tracks wait for each other\n", stderr);
        std::abort();
    }
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while ((clients.frames[0] < kUnits * kClients || clients.frames[2] < kUnits * kClients) &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(clients.frames[0], kUnits * kClients);
    EXPECT_EQ(clients.frames[2], kUnits * kClients);
    EXPECT_FALSE(clients.malformed);
    EXPECT_EQ(clients.out_of_order, 0U);
}

// Two sessions on one connection, both of them playing the same mount.
TEST_F(BatchDelivery, AConnectionMayPlayATrackTwice) {
    Clients clients;
    TrackFanout video({true, rtp::Codec::H264, 90000, 0}, {});
    std::vector<ReceiverPtr> receivers;
    for (const auto& output : clients.outputs) {
        receivers.push_back(play(video, output, 0));
        receivers.push_back(play(video, output, 4));
    }
    auto publishing = std::async(std::launch::async, [&] { publish(video, 0, 20); });
    if (publishing.wait_for(kPatience) != std::future_status::ready) {
        std::fputs("a connection waits for itself\n", stderr);
        std::abort();
    }
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while ((clients.frames[0] < 20 * kClients || clients.frames[4] < 20 * kClients) &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(clients.frames[0], 20 * kClients);
    EXPECT_EQ(clients.frames[4], 20 * kClients);
    EXPECT_FALSE(clients.malformed);
    EXPECT_EQ(clients.out_of_order, 0U);
}

} // namespace
} // namespace rtspproxy::delivery::tests

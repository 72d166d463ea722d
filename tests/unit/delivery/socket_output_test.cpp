#include "app/delivery/writer.hpp"

#include "tests/unit/delivery/io_uring.hpp"
#include "tests/unit/delivery/units.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ostream>
#include <string>
#include <thread>

namespace rtspproxy::delivery::tests {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 20s;

// The client's end of a connection: takes frames and responses apart.
class Client {
  public:
    explicit Client(FileDescriptor socket) : socket_(std::move(socket)) {}

    // Reads what is there; false at the end of the connection.
    bool read(std::chrono::milliseconds patience = 100ms) {
        pollfd descriptor{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (poll(&descriptor, 1, static_cast<int>(patience.count())) != 1)
            return true;
        std::array<char, 65536> buffer;
        const ssize_t got = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got <= 0)
            return false;
        bytes_.append(buffer.data(), static_cast<std::size_t>(got));
        return true;
    }
    // Until there are so many frames, the connection ends, or patience does.
    void read_until(std::size_t frames) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (frames_ < frames && std::chrono::steady_clock::now() < end && read())
            take_apart();
    }
    // False: it has not ended.
    [[nodiscard]] bool read_to_the_end() {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (read())
            if (std::chrono::steady_clock::now() > end)
                return false;
        return true;
    }
    // Everything that is complete; what follows is neither a frame nor a response.
    void take_apart() {
        while (bytes_.size() >= 4 && !broken_) {
            if (bytes_[0] == '$') {
                const std::size_t length = static_cast<std::uint8_t>(bytes_[2]) * 256U +
                                           static_cast<std::uint8_t>(bytes_[3]);
                if (bytes_.size() < 4 + length)
                    return;
                sequences_.push_back(
                    static_cast<std::uint16_t>(static_cast<std::uint8_t>(bytes_[6]) * 256U +
                                               static_cast<std::uint8_t>(bytes_[7])));
                channels_.push_back(static_cast<std::uint8_t>(bytes_[1]));
                ++frames_;
                bytes_.erase(0, 4 + length);
            } else if (bytes_.starts_with("RTSP")) {
                const auto end = bytes_.find("\r\n\r\n");
                if (end == std::string::npos)
                    return;
                ++responses_;
                bytes_.erase(0, end + 4);
            } else {
                broken_ = true;
            }
        }
    }

    FileDescriptor socket_;
    std::string bytes_;
    std::size_t frames_ = 0, responses_ = 0;
    std::vector<std::uint16_t> sequences_;
    std::vector<std::uint8_t> channels_;
    bool broken_ = false;
};

// How an access unit is handed over: by deliver(), or by prepare() and finish() with the kernel's
// batch between them, or with one that was given up before it was tried.
enum class Way { Plain, Batch, NotTried };

class SocketOutputTest : public testing::TestWithParam<Way> {
  protected:
    void SetUp() override {
        if (GetParam() != Way::Batch)
            return;
        if (const auto refusal = io_uring_refusal(); !refusal.empty())
            GTEST_SKIP() << refusal;
        ASSERT_NE(BatchSender::of_this_thread(), nullptr);
    }
    void connect(OutputLimits limits = {}) {
        std::array<int, 2> pair{};
        ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
        const FileDescriptor server(pair[0]);
        client_ = std::make_unique<Client>(FileDescriptor(pair[1]));
        const int small = 4096;
        setsockopt(server.get(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
        writer_ = std::make_unique<Writer>(limits);
        output_ = writer_->adopt(server.get(), "client");
        ASSERT_TRUE(output_);
        receiver_ = output_->make_receiver(0, 1, true, [this] { ++kept_alive_; });
    }
    Receiver::Outcome deliver(bool starts = false, std::size_t packets = 1) {
        const auto sent = unit(sequence_, 0,
                               {.packets = packets,
                                .packet_size = 1000,
                                .starts = starts,
                                .arrival = static_cast<std::uint64_t>(
                                    std::chrono::steady_clock::now().time_since_epoch().count())});
        sequence_ = static_cast<std::uint16_t>(sequence_ + packets);
        if (GetParam() == Way::Plain)
            return receiver_->deliver(sent);
        Send send;
        if (!receiver_->prepare(sent, send))
            return receiver_->deliver(sent);
        ++prepared_;
        if (GetParam() == Way::Batch)
            BatchSender::of_this_thread()->run({&send, 1});
        else
            send.result = -ECANCELED;
        return receiver_->finish(sent, send);
    }

    std::unique_ptr<Client> client_;
    std::unique_ptr<Writer> writer_;
    std::shared_ptr<SocketOutput> output_;
    ReceiverPtr receiver_;
    std::uint16_t sequence_ = 0;
    int kept_alive_ = 0;
    int prepared_ = 0;
};

const char* to_string(Way way) {
    if (way == Way::Plain)
        return "Plain";
    return way == Way::Batch ? "Batch" : "NotTried";
}
void PrintTo(Way way, std::ostream* stream) {
    *stream << to_string(way);
}

INSTANTIATE_TEST_SUITE_P(Ways, SocketOutputTest,
                         testing::Values(Way::Plain, Way::Batch, Way::NotTried),
                         [](const auto& each) { return std::string(to_string(each.param)); });

TEST_P(SocketOutputTest, SendsAtOnceOnceItHasBegun) {
    connect();
    EXPECT_EQ(deliver().packets, 0U);
    EXPECT_EQ(prepared_, 0); // it has not begun
    receiver_->begin({unit(100, 0, {.starts = true})});
    EXPECT_EQ(deliver().packets, 1U);
    EXPECT_EQ(prepared_, GetParam() == Way::Plain ? 0 : 1);
    client_->read_until(3);
    EXPECT_EQ(client_->sequences_, (std::vector<std::uint16_t>{100, 0, 1}));
    EXPECT_FALSE(client_->broken_);
}

TEST_P(SocketOutputTest, WhatDoesNotFitFollowsInOrder) {
    connect();
    receiver_->begin({});
    for (int i = 0; i < 200; ++i)
        deliver(false, 5);
    EXPECT_EQ(prepared_ > 0, GetParam() != Way::Plain);
    client_->read_until(1000);
    ASSERT_EQ(client_->frames_, 1000U);
    for (std::size_t i = 0; i < 1000; ++i)
        ASSERT_EQ(client_->sequences_[i], i);
    EXPECT_FALSE(client_->broken_);
}

TEST_P(SocketOutputTest, ResponsesAndRtcpNeverLandInsideAFrame) {
    connect();
    receiver_->begin({});
    std::thread asking([this] {
        for (int i = 0; i < 200; ++i) {
            EXPECT_TRUE(output_->send_response("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"));
            receiver_->deliver_rtcp(std::make_shared<std::vector<std::uint8_t>>(
                std::vector<std::uint8_t>{'$', 0, 0, 8, 0x80, 200, 0, 1, 1, 2, 3, 4}));
        }
    });
    std::thread reading([this] { client_->read_until(200 + 200 * 5); });
    for (int i = 0; i < 200; ++i)
        deliver(false, 5);
    asking.join();
    reading.join();
    EXPECT_FALSE(client_->broken_);
    EXPECT_EQ(client_->responses_, 200U);
    EXPECT_EQ(std::ranges::count(client_->channels_, 1), 200);
    EXPECT_EQ(std::ranges::count(client_->channels_, 0), 1000);
}

TEST_P(SocketOutputTest, ASlowClientGoesOnWithAKeyFrame) {
    connect({.queue_bytes = 100'000});
    receiver_->begin({});
    std::uint64_t discarded = 0;
    for (int i = 0; i < 300; ++i)
        discarded += deliver().discarded;
    EXPECT_GT(discarded, 100U);
    deliver(true);
    const auto key = static_cast<std::uint16_t>(sequence_ - 1);
    deliver();
    client_->read_until(300 - discarded + 2);
    const auto& got = client_->sequences_;
    ASSERT_EQ(got.size(), 300 - discarded + 2);
    unsigned gaps = 0;
    for (std::size_t i = 1; i < got.size(); ++i)
        if (got[i] != got[i - 1] + 1) {
            ++gaps;
            EXPECT_EQ(got[i], key);
        }
    EXPECT_EQ(gaps, 1U);
}

TEST_P(SocketOutputTest, AClientThatStoppedReadingIsDisconnectedAndTold) {
    connect({.stuck_timeout = 1'500'000'000});
    receiver_->begin({});
    while (deliver(false, 20).packets > 0 && sequence_ < 2000)
        ;
    unsigned kicked = 0;
    for (int i = 0; i < 100 && kicked == 0; ++i) {
        std::this_thread::sleep_for(100ms);
        kicked += deliver().kicked;
    }
    EXPECT_EQ(kicked, 1U);
    EXPECT_EQ(deliver().kicked, 0U); // once
    EXPECT_FALSE(output_->send_response("RTSP/1.0 200 OK\r\n\r\n"));
    EXPECT_TRUE(client_->read_to_the_end()); // what had left arrives; then the end
}

TEST_P(SocketOutputTest, AnIdleClientIsNotStuck) {
    connect({.stuck_timeout = 1'000'000'000});
    receiver_->begin({});
    deliver();
    std::this_thread::sleep_for(2500ms);
    deliver();
    client_->read_until(2);
    EXPECT_EQ(client_->frames_, 2U);
}

TEST_P(SocketOutputTest, WhoAsksAndDoesNotReadIsDisconnected) {
    connect();
    const std::string response = "RTSP/1.0 200 OK\r\nX: " + std::string(1000, 'x') + "\r\n\r\n";
    int accepted = 0;
    while (accepted < 10'000 && output_->send_response(response))
        ++accepted;
    EXPECT_GT(accepted, 100);
    EXPECT_LT(accepted, 1000);
}

TEST_P(SocketOutputTest, NothingFollowsTheEndOfATrack) {
    connect();
    receiver_->begin({});
    deliver();
    receiver_->end();
    EXPECT_EQ(deliver().packets, 0U);
    receiver_->begin({unit(100, 0)});
    EXPECT_TRUE(output_->send_response("RTSP/1.0 200 OK\r\n\r\n"));
    for (int i = 0; i < 20 && client_->responses_ == 0; ++i) {
        client_->read();
        client_->take_apart();
    }
    EXPECT_EQ(client_->responses_, 1U);
    EXPECT_EQ(client_->sequences_, std::vector<std::uint16_t>{0});
}

TEST_P(SocketOutputTest, KeepsTheSessionAliveWhileBytesLeave) {
    connect();
    receiver_->begin({});
    deliver();
    EXPECT_EQ(kept_alive_, 1);
    deliver();
    EXPECT_EQ(kept_alive_, 1); // not with each
}

TEST_P(SocketOutputTest, RtcpAloneKeepsItAliveToo) {
    connect();
    receiver_->begin({});
    receiver_->deliver_rtcp(std::make_shared<std::vector<std::uint8_t>>(
        std::vector<std::uint8_t>{'$', 0, 0, 8, 0x80, 201, 0, 1, 1, 2, 3, 4}));
    EXPECT_EQ(kept_alive_, 1);
}

TEST_P(SocketOutputTest, AVanishedClientIsNoError) {
    connect();
    receiver_->begin({});
    deliver(false, 50);
    client_.reset();
    for (int i = 0; i < 10; ++i)
        deliver();
    EXPECT_FALSE(output_->send_response("RTSP/1.0 200 OK\r\n\r\n"));
    output_->close();
}

} // namespace
} // namespace rtspproxy::delivery::tests

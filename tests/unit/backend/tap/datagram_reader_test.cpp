#include "app/backend/tap/datagram_reader.hpp"

#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

namespace rtspproxy::backend::tests {
namespace {

using namespace std::chrono_literals;
using Outcome = DatagramReader::Outcome;

class DatagramReaderTest : public ::testing::Test {
  protected:
    DatagramReaderTest()
        : receiver_(socket(AF_INET, SOCK_DGRAM, 0)), sender_(socket(AF_INET, SOCK_DGRAM, 0)) {
        const int large = 1 << 20;
        setsockopt(receiver_.get(), SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(receiver_.get(), generic, size), 0);
        EXPECT_EQ(getsockname(receiver_.get(), generic, &size), 0);
        EXPECT_EQ(connect(sender_.get(), generic, size), 0);
    }
    void send(const Bytes& bytes) {
        ASSERT_EQ(::send(sender_.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
    }
    std::vector<Bytes> read() {
        Ref<GstBufferList> list;
        std::vector<Bytes> packets;
        EXPECT_EQ(reader_->read(receiver_.get(), list), Outcome::Packets);
        for (guint i = 0; list && i < gst_buffer_list_length(list.get()); ++i) {
            GstBuffer* buffer = gst_buffer_list_get(list.get(), i);
            EXPECT_TRUE(gst_buffer_is_all_memory_writable(buffer));
            packets.emplace_back(gst_buffer_get_size(buffer));
            gst_buffer_extract(buffer, 0, packets.back().data(), packets.back().size());
        }
        if (keep_)
            kept_.push_back(std::move(list));
        return packets;
    }

    FileDescriptor receiver_, sender_;
    const std::unique_ptr<DatagramReader> reader_ = DatagramReader::create();
    bool keep_ = false;
    std::vector<Ref<GstBufferList>> kept_;
};

TEST_F(DatagramReaderTest, TakesAllThatIsThere) {
    std::vector<Bytes> sent;
    for (std::uint8_t i = 1; i <= 10; ++i) {
        sent.emplace_back(std::size_t{i} * 100, i);
        send(sent.back());
    }
    EXPECT_EQ(read(), sent);
    send(Bytes{1});
    EXPECT_EQ(read(), std::vector<Bytes>{Bytes{1}});
}

TEST_F(DatagramReaderTest, DoesNotWaitForMore) {
    std::thread sender([this] {
        std::this_thread::sleep_for(50ms);
        send(Bytes{1});
    });
    EXPECT_EQ(read().size(), 1U);
    sender.join();
}

TEST_F(DatagramReaderTest, TakesDatagramsOfAnySize) {
    const std::vector<Bytes> sent{Bytes(2048, 1), Bytes(2049, 2), Bytes(60000, 3), Bytes(1, 4)};
    for (const Bytes& bytes : sent)
        send(bytes);
    EXPECT_EQ(read(), sent);
}

TEST_F(DatagramReaderTest, LeavesEmptyOnesOut) {
    send({});
    send(Bytes{7});
    EXPECT_EQ(read(), std::vector<Bytes>{Bytes{7}});
}

TEST_F(DatagramReaderTest, HeldPacketsStayAsTheyAre) {
    keep_ = true;
    for (unsigned i = 0; i < 200; ++i) {
        send(Bytes(1000, static_cast<std::uint8_t>(i)));
        ASSERT_EQ(read().size(), 1U);
    }
    for (unsigned i = 0; i < 200; ++i) {
        const Bytes expected(1000, static_cast<std::uint8_t>(i));
        GstBuffer* buffer = gst_buffer_list_get(kept_[i].get(), 0);
        ASSERT_EQ(gst_buffer_memcmp(buffer, 0, expected.data(), expected.size()), 0) << i;
    }
}

TEST_F(DatagramReaderTest, CanBeInterrupted) {
    std::thread other([this] {
        std::this_thread::sleep_for(50ms);
        reader_->interrupt();
    });
    Ref<GstBufferList> list;
    EXPECT_EQ(reader_->read(receiver_.get(), list), Outcome::Interrupted);
    send(Bytes{1});
    EXPECT_EQ(reader_->read(receiver_.get(), list), Outcome::Interrupted);
    other.join();
    reader_->resume();
    EXPECT_EQ(read(), std::vector<Bytes>{Bytes{1}});
}

TEST_F(DatagramReaderTest, ARefusedDatagramOfOursIsNoFailure) {
    // Nobody listens where this socket sends to: the next read is told of it.
    FileDescriptor closed(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(bind(closed.get(), generic, size), 0);
    ASSERT_EQ(getsockname(closed.get(), generic, &size), 0);
    { const FileDescriptor gone(std::move(closed)); }
    ASSERT_EQ(connect(receiver_.get(), generic, size), 0);
    ASSERT_EQ(::send(receiver_.get(), "x", 1, 0), 1);
    std::thread other([this] {
        std::this_thread::sleep_for(200ms);
        reader_->interrupt();
    });
    Ref<GstBufferList> list;
    EXPECT_EQ(reader_->read(receiver_.get(), list), Outcome::Interrupted);
    other.join();
}

TEST_F(DatagramReaderTest, ABadSocketIsAFailure) {
    Ref<GstBufferList> list;
    const int closed = dup(receiver_.get());
    close(closed);
    EXPECT_EQ(reader_->read(closed, list), Outcome::Failed);
}

TEST(DatagramReaderLimitTest, ThereIsNoneWithoutADescriptor) {
    rlimit limit{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit none{0, limit.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto reader = DatagramReader::create();
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(reader, nullptr);
}

} // namespace
} // namespace rtspproxy::backend::tests

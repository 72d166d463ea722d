#include "app/delivery/batch_sender.hpp"

#include "plugins/support/file_descriptor.hpp"
#include "tests/unit/delivery/io_uring.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rtspproxy::delivery::tests {
namespace {

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
        sending = FileDescriptor(ends[0]);
        receiving = FileDescriptor(ends[1]);
    }
    [[nodiscard]] std::string received() const {
        std::string text(100, '\0');
        const ssize_t got = recv(receiving.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    FileDescriptor sending, receiving;
};

class BatchSenderTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto refusal = io_uring_refusal(); !refusal.empty())
            GTEST_SKIP() << refusal;
        sender_ = BatchSender::of_this_thread();
        ASSERT_NE(sender_, nullptr) << "though the kernel lets us have an io_uring";
    }
    static Send send(int socket, std::string_view text) {
        return {socket, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, 0};
    }

    BatchSender* sender_ = nullptr;
};

TEST_F(BatchSenderTest, CarriesAllOut) {
    const std::vector<Pair> pairs(BatchSender::kSize);
    const std::string text = "to everybody";
    for (int round = 0; round < 10; ++round) {
        std::vector<Send> sends;
        for (const Pair& pair : pairs)
            sends.push_back(send(pair.sending.get(), text));
        sender_->run(sends);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            ASSERT_EQ(sends[i].result, static_cast<ssize_t>(text.size())) << i;
            ASSERT_EQ(pairs[i].received(), text) << i;
        }
    }
}

TEST_F(BatchSenderTest, EachHasItsOwnResult) {
    const Pair full;
    const std::string much(1 << 20, 'x');
    while (::send(full.sending.get(), much.data(), much.size(), MSG_DONTWAIT) > 0)
        ;
    Pair gone;
    gone.receiving = FileDescriptor();
    const Pair partial, good;
    std::vector<Send> sends{send(full.sending.get(), "a"), send(gone.sending.get(), "b"),
                            send(partial.sending.get(), much), send(good.sending.get(), "c")};
    sender_->run(sends);
    EXPECT_EQ(sends[0].result, -EAGAIN); // it does not wait
    EXPECT_EQ(sends[1].result, -EPIPE);  // and no signal
    EXPECT_GT(sends[2].result, 0);
    EXPECT_LT(sends[2].result, static_cast<ssize_t>(much.size()));
    EXPECT_EQ(sends[3].result, 1);
    EXPECT_EQ(good.received(), "c");
}

TEST_F(BatchSenderTest, NothingIsNoWork) {
    sender_->run({});
}

// A send that the kernel took may have left: it must not be done again.
TEST(BatchSender, GivesUpWithoutSendingTwice) {
    std::vector<Send> sends(5);
    sends[0].result = 100;
    sends[1].result = BatchSender::kPending;
    sends[2].result = -EAGAIN;
    sends[3].result = sends[4].result = BatchSender::kPending;
    BatchSender::give_up(sends, 2);
    EXPECT_EQ(sends[0].result, 100);
    EXPECT_EQ(sends[1].result, -EIO);
    EXPECT_EQ(sends[2].result, -EAGAIN);
    EXPECT_EQ(sends[3].result, -ECANCELED);
    EXPECT_EQ(sends[4].result, -ECANCELED);
}

TEST_F(BatchSenderTest, EachThreadHasItsOwn) {
    BatchSender* other = nullptr;
    std::thread([&other] { other = BatchSender::of_this_thread(); }).join();
    EXPECT_NE(other, nullptr);
    EXPECT_NE(other, sender_);
    EXPECT_EQ(BatchSender::of_this_thread(), sender_);
}

} // namespace
} // namespace rtspproxy::delivery::tests

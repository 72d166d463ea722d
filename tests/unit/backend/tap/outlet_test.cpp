#include "app/backend/tap/outlet.hpp"

#include "plugins/support/deleter.hpp"
#include "plugins/support/file_descriptor.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <thread>

namespace rtspproxy::backend::tests {
namespace {

class OutletTest : public ::testing::Test {
  protected:
    OutletTest() {
        std::array<int, 2> ends{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
        camera_ = FileDescriptor(ends[0]);
        socket_ = Ref<GSocket>::adopt(g_socket_new_from_fd(ends[1], nullptr));
        connection_ = Ref<GSocketConnection>::adopt(
            g_socket_connection_factory_create_connection(socket_.get()));
        outlet_ = std::make_unique<Outlet>(Ref<GOutputStream>::share(
            g_io_stream_get_output_stream(G_IO_STREAM(connection_.get()))));
    }
    std::string received(std::size_t size) {
        std::string bytes(size, '\0');
        std::size_t got = 0;
        while (got < size) {
            const ssize_t part = recv(camera_.get(), bytes.data() + got, size - got, 0);
            if (part <= 0)
                break;
            got += static_cast<std::size_t>(part);
        }
        bytes.resize(got);
        return bytes;
    }
    // Until nothing goes any more.
    std::size_t fill() {
        std::size_t size = 0;
        while (outlet_->add(std::string(10000, 'x'))) {
            size += 10000;
            outlet_->flush_now();
        }
        return size;
    }

    FileDescriptor camera_;
    Ref<GSocket> socket_;
    Ref<GSocketConnection> connection_;
    std::unique_ptr<Outlet> outlet_;
};

TEST_F(OutletTest, WritesInOrder) {
    ASSERT_TRUE(outlet_->add("one "));
    ASSERT_TRUE(outlet_->add("two "));
    EXPECT_TRUE(outlet_->flush(nullptr, nullptr));
    ASSERT_TRUE(outlet_->add("three"));
    outlet_->flush_now();
    EXPECT_EQ(received(13), "one two three");
}

TEST_F(OutletTest, RefusesWhatACameraDoesNotRead) {
    const std::size_t size = fill();
    EXPECT_GE(size, Outlet::kMaxBytes - 10000);
    // Nothing of it is lost or cut.
    std::thread reader([&] { EXPECT_EQ(received(size), std::string(size, 'x')); });
    EXPECT_TRUE(outlet_->flush(nullptr, nullptr));
    reader.join();
}

TEST_F(OutletTest, WhatACancelledWriteLeftGoesFirst) {
    const std::size_t size = fill();
    const auto cancellable = Ref<GCancellable>::adopt(g_cancellable_new());
    g_cancellable_cancel(cancellable.get());
    GError* raw = nullptr;
    EXPECT_FALSE(outlet_->flush(cancellable.get(), &raw));
    const GErrorPtr error(raw);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, G_IO_ERROR_CANCELLED);
    std::thread reader([&] { EXPECT_EQ(received(size + 1), std::string(size, 'x') + "!"); });
    while (!outlet_->add("!"))
        outlet_->flush_now();
    EXPECT_TRUE(outlet_->flush(nullptr, nullptr));
    reader.join();
}

TEST_F(OutletTest, ClosingWakesWhoIsWriting) {
    fill();
    std::thread writer([&] { static_cast<void>(outlet_->flush(nullptr, nullptr)); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100)); // it waits by now, most likely
    outlet_->close(socket_.get());
    writer.join(); // would wait for ever
    EXPECT_FALSE(outlet_->add("more"));
}

TEST_F(OutletTest, TwoThreadsDoNotMixTheirMessages) {
    constexpr std::size_t kEach = 2000;
    const auto write = [&](char character, bool wait) {
        for (std::size_t i = 0; i < kEach; ++i) {
            while (!outlet_->add(std::string(50, character)))
                outlet_->flush_now();
            if (wait)
                EXPECT_TRUE(outlet_->flush(nullptr, nullptr));
            else
                outlet_->flush_now();
        }
    };
    std::thread first(write, 'a', true);
    std::thread second(write, 'b', false);
    const std::string all = received(2 * kEach * 50);
    first.join();
    second.join();
    for (std::size_t at = 0; at < all.size(); at += 50)
        ASSERT_EQ(all.substr(at, 50), std::string(50, all[at])) << at;
}

} // namespace
} // namespace rtspproxy::backend::tests

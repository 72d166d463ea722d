// DatagramReader: takes all that a UDP socket has, with one system call.
//
// It waits for the first datagram and then takes those that are there, without waiting for more:
// nothing is late for it. A wake-up costs one poll and one recvmmsg, a datagram two small
// allocations and no copy.
#pragma once

#include "app/backend/tap/chunk.hpp"
#include "app/backend/tap/sender_filter.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace rtspproxy::backend {

class DatagramReader {
  public:
    // Null if there are no descriptors left.
    static std::unique_ptr<DatagramReader> create();

    // any thread: read() returns, and goes on returning until resume().
    void interrupt();
    void resume();

    // Whose datagrams are taken; `on_refused` is told of each other one, in read(). Before read().
    void set_filter(SenderFilter filter, std::function<void(const sockaddr*)> on_refused);

    // streaming thread
    enum class Outcome { Packets, Interrupted, Failed };
    [[nodiscard]] Outcome read(int socket, Ref<GstBufferList>& packets);

  private:
    explicit DatagramReader(FileDescriptor wake);

    static constexpr std::size_t kAtOnce = 16;
    // What does not fit, as few packets do not, is copied once.
    static constexpr std::size_t kSlot = 2048;
    static constexpr std::size_t kOverflow = 65536 - kSlot;

    [[nodiscard]] Outcome wait(int socket) const;
    [[nodiscard]] int receive(int socket);
    [[nodiscard]] bool is_right(std::size_t index);
    void make_room();
    [[nodiscard]] Ref<GstBuffer> packet(std::size_t index, std::size_t length) const;
    [[nodiscard]] std::span<std::uint8_t> slot(std::size_t index) const;
    [[nodiscard]] std::span<std::uint8_t> overflow(std::size_t index) const;

    FileDescriptor wake_;
    Chunk chunk_;
    std::size_t used_ = 0; // slots of it
    // Untouched, and so not there, until a large packet comes.
    struct Unmap {
        std::size_t size;
        void operator()(std::uint8_t* memory) const;
    };
    std::unique_ptr<std::uint8_t, Unmap> overflow_;
    std::array<std::size_t, kAtOnce> lengths_{};
    std::array<sockaddr_storage, kAtOnce> senders_{};
    SenderFilter filter_;
    std::function<void(const sockaddr*)> on_refused_;
};

} // namespace rtspproxy::backend

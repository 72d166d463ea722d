#include "app/backend/tap/datagram_reader.hpp"

#include "plugins/rtp/packet.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace rtspproxy::backend {
namespace {

constexpr std::size_t kSlots = 32; // of a chunk

// What an earlier datagram to the back end met with; says nothing about this socket.
bool is_about_sending(int error) {
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH ||
           error == EHOSTDOWN || error == ECONNRESET;
}

} // namespace

std::unique_ptr<DatagramReader> DatagramReader::create() {
    FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (wake.get() < 0)
        return nullptr;
    return std::unique_ptr<DatagramReader>(new DatagramReader(std::move(wake)));
}

DatagramReader::DatagramReader(FileDescriptor wake) : wake_(std::move(wake)) {
    constexpr std::size_t kSize = kAtOnce * kOverflow;
    void* memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    overflow_ = {memory != MAP_FAILED ? static_cast<std::uint8_t*>(memory) : nullptr, {kSize}};
}

void DatagramReader::Unmap::operator()(std::uint8_t* memory) const {
    munmap(memory, size);
}

void DatagramReader::interrupt() {
    const eventfd_t one = 1;
    eventfd_write(wake_.get(), one);
}

void DatagramReader::resume() {
    eventfd_t count = 0;
    eventfd_read(wake_.get(), &count);
}

DatagramReader::Outcome DatagramReader::read(int socket, Ref<GstBufferList>& packets) {
    for (;;) {
        if (const Outcome outcome = wait(socket); outcome != Outcome::Packets)
            return outcome;
        make_room();
        const int count = receive(socket);
        if (count < 0 && errno != EAGAIN && errno != EINTR && !is_about_sending(errno))
            return Outcome::Failed;
        if (count <= 0)
            continue;
        packets = Ref<GstBufferList>::adopt(gst_buffer_list_new_sized(static_cast<guint>(count)));
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            if (lengths_[i] > 0 && is_right(i))
                gst_buffer_list_add(packets.get(), packet(i, lengths_[i]).release());
        used_ += static_cast<std::size_t>(count);
        if (gst_buffer_list_length(packets.get()) > 0)
            return Outcome::Packets;
    }
}

DatagramReader::Outcome DatagramReader::wait(int socket) const {
    std::array<pollfd, 2> fds{pollfd{socket, POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    while (poll(fds.data(), fds.size(), -1) < 0)
        if (errno != EINTR)
            return Outcome::Failed;
    if (fds[1].revents != 0)
        return Outcome::Interrupted;
    return (fds[0].revents & POLLNVAL) != 0 ? Outcome::Failed : Outcome::Packets;
}

int DatagramReader::receive(int socket) {
    std::array<mmsghdr, kAtOnce> messages{};
    std::array<std::array<iovec, 2>, kAtOnce> parts{};
    for (std::size_t i = 0; i < kAtOnce; ++i) {
        const auto first = slot(used_ + i);
        const auto rest = overflow(i);
        parts[i] = {iovec{first.data(), first.size()}, iovec{rest.data(), rest.size()}};
        messages[i].msg_hdr.msg_iov = parts[i].data();
        messages[i].msg_hdr.msg_iovlen = rest.empty() ? 1 : 2;
        messages[i].msg_hdr.msg_name = &senders_[i];
        messages[i].msg_hdr.msg_namelen = sizeof senders_[i];
    }
    const int count = recvmmsg(socket, messages.data(), kAtOnce, MSG_DONTWAIT, nullptr);
    for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i)
        lengths_[i] = messages[i].msg_len;
    return count;
}

void DatagramReader::set_filter(SenderFilter filter,
                                std::function<void(const sockaddr*)> on_refused) {
    filter_ = std::move(filter);
    on_refused_ = std::move(on_refused);
}

bool DatagramReader::is_right(std::size_t index) {
    const auto* sender = reinterpret_cast<const sockaddr*>(&senders_[index]);
    const bool rtp = lengths_[index] >= rtp::kFixedHeaderSize && slot(used_ + index)[0] >> 6 == 2;
    if (filter_.admits(sender, rtp))
        return true;
    on_refused_(sender);
    return false;
}

// A chunk that nobody holds any more is begun again: it is the one that the cache knows.
void DatagramReader::make_room() {
    if (chunk_.unused())
        used_ = 0;
    if (chunk_.bytes().size() >= (used_ + kAtOnce) * kSlot)
        return;
    chunk_ = Chunk(kSlots * kSlot);
    used_ = 0;
}

Ref<GstBuffer> DatagramReader::packet(std::size_t index, std::size_t length) const {
    const auto first = slot(used_ + index);
    if (length <= kSlot)
        return chunk_.slice(first.first(length));
    auto buffer = Ref<GstBuffer>::adopt(gst_buffer_new_allocate(nullptr, length, nullptr));
    gst_buffer_fill(buffer.get(), 0, first.data(), kSlot);
    gst_buffer_fill(buffer.get(), kSlot, overflow(index).data(), length - kSlot);
    return buffer;
}

std::span<std::uint8_t> DatagramReader::slot(std::size_t index) const {
    return chunk_.bytes().subspan(index * kSlot, kSlot);
}

std::span<std::uint8_t> DatagramReader::overflow(std::size_t index) const {
    if (!overflow_)
        return {};
    return {overflow_.get() + index * kOverflow, kOverflow};
}

} // namespace rtspproxy::backend

#include "plugins/fanout/datagram_socket.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <utility>

namespace rtspproxy::fanout {
namespace {

// What an Ethernet frame holds. Larger ones leave in fragments, which segmentation cannot make.
constexpr std::size_t kMaxSegmentV4 = 1500 - 20 - 8;
constexpr std::size_t kMaxSegmentV6 = 1500 - 40 - 8;

bool knows_segmentation(int descriptor) {
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &value, &size) == 0;
}

} // namespace

DatagramSocket::DatagramSocket(Ref<GSocket> socket) : socket_(std::move(socket)) {
    if (knows_segmentation(descriptor()))
        max_segment_ = g_socket_get_family(socket_.get()) == G_SOCKET_FAMILY_IPV4 ? kMaxSegmentV4
                                                                                  : kMaxSegmentV6;
}

} // namespace rtspproxy::fanout

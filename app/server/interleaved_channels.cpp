#include "app/server/interleaved_channels.hpp"

#include <algorithm>
#include <string>

namespace rtspproxy::server {
namespace {

constexpr gint kChannels = 256;

bool is_tcp(const GstRTSPTransport& transport) {
    return transport.lower_transport == GST_RTSP_LOWER_TRANS_TCP;
}

bool is_pair(const GstRTSPRange& channels) {
    return channels.min >= 0 && channels.min % 2 == 0 && channels.max == channels.min + 1 &&
           channels.max < kChannels;
}

} // namespace

void ask_for_pair(GstRTSPTransport& transport) {
    if (!is_pair(transport.interleaved))
        transport.interleaved = {-1, -1};
}

void hide_rtp_channel(GstRTSPTransport& transport) {
    if (is_tcp(transport))
        transport.interleaved.min -= kChannels;
}

void name_channels(const GstRTSPTransport& transport, GstRTSPMessage* response) {
    char* header = nullptr;
    if (!is_tcp(transport) || transport.interleaved.min >= 0 ||
        gst_rtsp_message_get_header(response, GST_RTSP_HDR_TRANSPORT, &header, 0) != GST_RTSP_OK)
        return;
    // Behind ";unicast", as in RFC 2326 §12.39.
    std::string named = header;
    const auto cast = std::min(named.find(';'), named.size());
    const auto behind_cast = std::min(named.find(';', cast + 1), named.size());
    const int rtcp = transport.interleaved.max;
    named.insert(behind_cast,
                 ";interleaved=" + std::to_string(rtcp - 1) + "-" + std::to_string(rtcp));
    gst_rtsp_message_remove_header(response, GST_RTSP_HDR_TRANSPORT, -1);
    gst_rtsp_message_add_header(response, GST_RTSP_HDR_TRANSPORT, named.c_str());
}

} // namespace rtspproxy::server

#include "tests/support/material.hpp"

namespace rtspproxy::tests {

namespace {

std::string video() {
    return "videotestsrc is-live=true pattern=ball ! "
           "video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! ";
}

std::string audio(int rate) {
    return "audiotestsrc is-live=true wave=ticks samplesperbuffer=" + std::to_string(rate / 50) +
           " ! audio/x-raw,channels=1,rate=" + std::to_string(rate) + " ! audioconvert ! ";
}

std::string h264() {
    return video() +
           "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=10 ! ";
}

std::string pay(const std::string& element, int track) {
    return element + " name=pay" + std::to_string(track) + " pt=";
}

// Dynamic payload types (RFC 3551 §6).
std::string dynamic(const std::string& element, int track) {
    return pay(element, track) + std::to_string(96 + track);
}

} // namespace

std::string h264_track(int track) {
    return h264() + dynamic("rtph264pay config-interval=-1", track);
}

std::string h265_track(int track, int gop) {
    return video() + "x265enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=" +
           std::to_string(gop) + " ! " + dynamic("rtph265pay config-interval=-1", track);
}

std::string mjpeg_track(int track) {
    return video() + "jpegenc ! " + pay("rtpjpegpay", track) + "26";
}

std::string vp8_track(int track) {
    return video() + "vp8enc deadline=1 cpu-used=8 target-bitrate=300000 keyframe-max-dist=10 ! " +
           dynamic("rtpvp8pay", track);
}

std::string mpegts_track(int track) {
    return h264() + "mpegtsmux alignment=7 ! " + pay("rtpmp2tpay", track) + "33";
}

std::string aac_track(int track) {
    return audio(48000) + "avenc_aac ! aacparse ! " + dynamic("rtpmp4gpay", track);
}

std::string opus_track(int track) {
    return audio(48000) + "opusenc ! " + dynamic("rtpopuspay", track);
}

std::string pcmu_track(int track) {
    return audio(8000) + "mulawenc ! " + pay("rtppcmupay", track) + "0";
}

std::string private_track(int track, const std::string& language) {
    const std::string lang = language.empty() ? "" : ",a-lang=(string)" + language;
    return dynamic("testrtpsrc", track) +
           " caps=\"application/x-rtp,media=video,encoding-name=X-PRIVATE,clock-rate=90000" + lang +
           "\"";
}

std::string metadata_track(int track, std::chrono::seconds silence) {
    return dynamic("testrtpsrc delay=" + std::to_string(silence.count() * 1000), track) +
           " caps=\"application/x-rtp,media=application,encoding-name=VND.ONVIF.METADATA,"
           "clock-rate=90000\"";
}

} // namespace rtspproxy::tests

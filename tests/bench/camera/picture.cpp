#include "tests/bench/camera/picture.hpp"

#include "tests/bench/camera/bit_writer.hpp"

#include <algorithm>

namespace rtspproxy::bench {
namespace {

constexpr std::uint8_t kKeySlice = 0x65;        // nal_ref_idc 3, type 5
constexpr std::uint8_t kDifferenceSlice = 0x41; // nal_ref_idc 2, type 1
constexpr std::uint8_t kSequenceParameters = 0x67;
constexpr std::uint8_t kPictureParameters = 0x68;
constexpr unsigned kFrameNumberBits = 8;
// 256 luma and 2 × 64 chroma samples, and what stands before them.
constexpr std::size_t kSampleBytes = 384;
constexpr std::size_t kMacroblockBytes = kSampleBytes + 2;

// Puts the NAL unit header before the RBSP and an 0x03 into every 00 00 0x (§7.4.1).
Nal make_nal(std::uint8_t header, const std::vector<std::uint8_t>& rbsp) {
    Nal nal{header};
    unsigned zeros = 0;
    for (const std::uint8_t byte : rbsp) {
        if (zeros >= 2 && byte <= 3) {
            nal.push_back(3);
            zeros = 0;
        }
        nal.push_back(byte);
        zeros = byte == 0 ? zeros + 1 : 0;
    }
    return nal;
}

void write_usability(BitWriter& writer, unsigned frame_rate) {
    writer.flag(false); // aspect_ratio_info
    writer.flag(false); // overscan_info
    writer.flag(false); // video_signal_type
    writer.flag(false); // chroma_loc_info
    writer.flag(true);  // timing_info
    writer.bits(1, 32);
    writer.bits(2 * frame_rate, 32);
    writer.flag(true);  // fixed_frame_rate
    writer.flag(false); // nal_hrd_parameters
    writer.flag(false); // vcl_hrd_parameters
    writer.flag(false); // pic_struct
    writer.flag(true);  // bitstream_restriction: nothing is reordered, so nothing waits
    writer.flag(true);
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(10);
    writer.unsigned_golomb(10);
    writer.unsigned_golomb(0); // max_num_reorder_frames
    writer.unsigned_golomb(1); // max_dec_frame_buffering
}

Nal write_sequence_parameters(const PictureFormat& format) {
    BitWriter writer;
    const bool is_main = format.profile == Profile::Main;
    writer.bits(is_main ? 77 : 66, 8);
    writer.bits(is_main ? 0x40 : 0xC0, 8);
    writer.bits(31, 8); // level 3.1
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(kFrameNumberBits - 4);
    writer.unsigned_golomb(2); // pic_order_cnt_type: output in decoding order
    writer.unsigned_golomb(1); // max_num_ref_frames
    writer.flag(false);
    writer.unsigned_golomb(format.width / 16 - 1);
    writer.unsigned_golomb(format.height / 16 - 1);
    writer.flag(true);  // frame_mbs_only
    writer.flag(true);  // direct_8x8_inference
    writer.flag(false); // frame_cropping
    writer.flag(true);  // vui_parameters
    write_usability(writer, format.frame_rate);
    writer.finish();
    return make_nal(kSequenceParameters, writer.take());
}

Nal write_picture_parameters() {
    BitWriter writer;
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(0);
    writer.flag(false); // entropy_coding_mode: CAVLC
    writer.flag(false);
    writer.unsigned_golomb(0); // slice groups
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(0);
    writer.flag(false); // weighted_pred
    writer.bits(0, 2);
    writer.signed_golomb(0);
    writer.signed_golomb(0);
    writer.signed_golomb(0);
    writer.flag(true); // deblocking_filter_control: it is switched off in every slice
    writer.flag(false);
    writer.flag(false);
    writer.finish();
    return make_nal(kPictureParameters, writer.take());
}

// Intra_16x16 with DC prediction and no residual: with nothing but such neighbours it is grey.
void write_grey_macroblock(BitWriter& writer) {
    writer.unsigned_golomb(3); // mb_type I_16x16_2_0_0
    writer.unsigned_golomb(0); // intra_chroma_pred_mode: DC
    writer.signed_golomb(0);   // mb_qp_delta
    writer.bits(1, 1);         // coeff_token: no coefficients
}

} // namespace

PictureEncoder::PictureEncoder(const PictureFormat& format)
    : format_(format), sequence_parameters_(write_sequence_parameters(format)),
      picture_parameters_(write_picture_parameters()) {}

unsigned PictureEncoder::macroblocks() const {
    return format_.width / 16 * (format_.height / 16);
}

unsigned PictureEncoder::uncompressed_macroblocks(std::size_t size, std::size_t overhead) const {
    const std::size_t wanted = size > overhead ? (size - overhead) / kMacroblockBytes : 0;
    return static_cast<unsigned>(std::min<std::size_t>(wanted, macroblocks()));
}

// `separator` is what precedes the samples of a macroblock that follows an uncompressed one.
void PictureEncoder::append_uncompressed(Nal& nal, unsigned count, std::uint16_t separator) const {
    for (unsigned i = 0; i < count; ++i) {
        if (i > 0) {
            nal.push_back(static_cast<std::uint8_t>(separator >> 8U));
            nal.push_back(static_cast<std::uint8_t>(separator));
        }
        // Samples are never 0, so that no start code can arise.
        const auto luma = static_cast<std::uint8_t>(32 + (i * 5 + pictures_ * 3) % 192);
        const auto chroma = static_cast<std::uint8_t>(96 + (i + pictures_) % 64);
        nal.insert(nal.end(), 256, luma);
        nal.insert(nal.end(), 128, chroma);
    }
    if (count > 0)
        nal.push_back(0x80); // rbsp_trailing_bits, aligned
}

Nal PictureEncoder::key_picture(std::size_t size) {
    frame_number_ = 0;
    const unsigned count = uncompressed_macroblocks(size, macroblocks());
    BitWriter writer;
    writer.unsigned_golomb(0); // first_mb_in_slice
    writer.unsigned_golomb(7); // slice_type: I
    writer.unsigned_golomb(0);
    writer.bits(0, kFrameNumberBits);
    writer.unsigned_golomb(key_pictures_++ % 2); // idr_pic_id
    writer.flag(false);
    writer.flag(false);
    writer.signed_golomb(0);
    writer.unsigned_golomb(1); // disable_deblocking_filter_idc
    for (unsigned i = count; i < macroblocks(); ++i)
        write_grey_macroblock(writer);
    if (count > 0) {
        writer.unsigned_golomb(25); // mb_type I_PCM
        writer.align_with_zeros();
    } else {
        writer.finish();
    }
    Nal nal = make_nal(kKeySlice, writer.take());
    append_uncompressed(nal, count, 0x0D00); // ue(25) and alignment
    ++pictures_;
    return nal;
}

Nal PictureEncoder::difference_picture(std::size_t size) {
    constexpr std::size_t kHeader = 8;
    frame_number_ = (frame_number_ + 1) % (1U << kFrameNumberBits);
    const unsigned count = uncompressed_macroblocks(size, kHeader);
    BitWriter writer;
    writer.unsigned_golomb(0);
    writer.unsigned_golomb(5); // slice_type: P
    writer.unsigned_golomb(0);
    writer.bits(frame_number_, kFrameNumberBits);
    writer.flag(false); // num_ref_idx_active_override
    writer.flag(false); // ref_pic_list_modification
    writer.flag(false); // adaptive_ref_pic_marking_mode
    writer.signed_golomb(0);
    writer.unsigned_golomb(1);
    writer.unsigned_golomb(macroblocks() - count); // mb_skip_run
    if (count > 0) {
        writer.unsigned_golomb(30); // mb_type I_PCM in a P slice
        writer.align_with_zeros();
    } else {
        writer.finish();
    }
    Nal nal = make_nal(kDifferenceSlice, writer.take());
    append_uncompressed(nal, count, 0x87C0); // mb_skip_run 0, ue(30) and alignment
    ++pictures_;
    return nal;
}

} // namespace rtspproxy::bench

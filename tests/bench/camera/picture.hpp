// PictureEncoder: H.264 pictures that every decoder accepts, of any wanted size in bytes, at the
// cost of a memset. The upper part of a picture is grey (intra) or unchanged (skipped), the lower
// part is uncompressed macroblocks (I_PCM) whose brightness moves from frame to frame.
#pragma once

#include <cstdint>
#include <vector>

namespace rtspproxy::bench {

enum class Profile { Baseline, Main };

struct PictureFormat {
    Profile profile = Profile::Baseline;
    unsigned width = 640; // multiples of 16
    unsigned height = 480;
    unsigned frame_rate = 25;
};

// NAL units without start codes, with emulation prevention.
using Nal = std::vector<std::uint8_t>;

class PictureEncoder {
  public:
    explicit PictureEncoder(const PictureFormat& format);

    [[nodiscard]] const Nal& sequence_parameters() const { return sequence_parameters_; }
    [[nodiscard]] const Nal& picture_parameters() const { return picture_parameters_; }
    // One slice for the next picture, about `size` bytes (to one macroblock, 386 bytes).
    [[nodiscard]] Nal key_picture(std::size_t size);
    [[nodiscard]] Nal difference_picture(std::size_t size);

  private:
    [[nodiscard]] unsigned macroblocks() const;
    [[nodiscard]] unsigned uncompressed_macroblocks(std::size_t size, std::size_t overhead) const;
    void append_uncompressed(Nal& nal, unsigned count, std::uint16_t separator) const;

    PictureFormat format_;
    Nal sequence_parameters_;
    Nal picture_parameters_;
    unsigned frame_number_ = 0; // since the last key picture
    unsigned key_pictures_ = 0;
    unsigned pictures_ = 0;
};

} // namespace rtspproxy::bench

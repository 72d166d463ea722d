// JsonLine: writes one JSON value in one line, member by member, in the order of the calls.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace rtspproxy::bench {

class JsonLine {
  public:
    JsonLine& begin_object(std::string_view key = {}) { return open(key, '{'); }
    JsonLine& end_object() { return close('}'); }
    JsonLine& begin_array(std::string_view key = {}) { return open(key, '['); }
    JsonLine& end_array() { return close(']'); }

    template <std::integral T>
    JsonLine& add(std::string_view key, T value) {
        return raw(key, std::to_string(value));
    }
    JsonLine& add(std::string_view key, double value);
    JsonLine& add(std::string_view key, std::string_view value);

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    JsonLine& open(std::string_view key, char bracket);
    JsonLine& close(char bracket);
    JsonLine& raw(std::string_view key, std::string_view value);
    void separate(std::string_view key);

    std::string text_;
};

} // namespace rtspproxy::bench

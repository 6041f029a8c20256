// What a message is made of when it is more than one text.
#pragma once

#include <string>

namespace conclave {

/// A text or an image. Since 0.1.
struct content_part {
    enum class kind {
        text,
        image_url,  ///< an image that the provider fetches
        image,      ///< an image that goes along
    };
    kind what = kind::text;
    std::string value;            ///< the text, the URL, or the bytes of the image as base64
    std::string media_type = {};  ///< `image/png`; needed of an image that goes along

    bool operator==(const content_part&) const = default;
};

}  // namespace conclave

//! Querystrings.

use imageflow_querystring::{
    complete_preset, decoder_commands, encoder_preset, layout, parse, steps, validate,
};

use super::Interest;

/// Querystrings to begin with.
pub(super) const QUERIES: &[&str] = &[
    "w=400&h=300&mode=crop&format=auto&accept.webp=1&accept.avif=true&quality=80",
    "srcset=webp-80,100w,200h,fit-crop,crop-10-10-90-90,2x,sharpen-20&dpr=2",
    "crop=10,10,-10,-10&cropxunits=100&cropyunits=100&anchor=topleft&bgcolor=#ff8800cc",
    "trim.threshold=80&trim.percentpadding=0.5&s.grayscale=bt709&s.contrast=0.4&s.sepia=true",
    "maxwidth=90&maxheight=90&scale=both&flip=x&srotate=90&autorotate=false&frame=2&page=3",
    "f.sharpen=20&down.filter=lanczos&up.filter=mitchell&down.colorspace=linear&qp=good&qp.dpr=3",
    "jpeg.progressive=true&jpeg.turbo=false&png.lossless=keep&png.quality=60&webp.lossless=true&jxl.distance=1.5",
    "c.gravity=30,60&s.roundcorners=10,20,30,40&metadata=copyright&ignore_icc_errors=true&preset=x&decoder=a;b",
];

/// Everything that is made of a querystring, at two sizes.
pub(super) fn querystring(bytes: &[u8]) -> Interest {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Interest::None;
    };
    std::hint::black_box(validate(text));
    let wishes = parse(text).0;
    let canonical = wishes.to_canonical();
    assert_eq!(parse(&canonical).0.to_canonical(), canonical);
    let wishes = wishes.settled();
    for size in [(800, 600), (1, 20_000)] {
        let plan = layout(&wishes, size, size);
        let steps = plan.map(|plan| steps(&wishes, &plan, &[]));
        std::hint::black_box((steps.is_ok(), decoder_commands(&wishes, size)));
    }
    std::hint::black_box((encoder_preset(&wishes), complete_preset(&wishes)));
    Interest::Some
}

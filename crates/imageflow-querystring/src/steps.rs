//! [`Instructions`] and a [`Layout`] to nodes, in a fixed order that the order of keys does not change.

use imageflow_types::{
    Color, ColorFilterSrgb, CornerRadii, CornerRadius, FitBox, Node, ResampleHints, ResampleWhen,
    ScalingColorspace, SharpenWhen, Watermark,
};

use crate::instructions::Instructions;
use crate::layout::Layout;
use crate::values::{Colorspace, Flip, Format, Grayscale, QuarterTurns, Sharpening, WhiteBalance};

/// Lists the nodes that fulfil the instructions, without decoding and encoding.
#[must_use]
pub fn steps(wishes: &Instructions, layout: &Layout, watermarks: &[Watermark]) -> Vec<Node> {
    let background = background(wishes);
    let mut nodes = Vec::new();
    push_turns(&mut nodes, wishes.source_rotate, wishes.source_flip);
    nodes.extend(
        layout
            .crop
            .map(|[x1, y1, x2, y2]| Node::Crop { x1, y1, x2, y2 }),
    );
    nodes.push(Node::Resample2d {
        w: layout.image.0,
        h: layout.image.1,
        hints: Some(resample_hints(wishes, layout, &background)),
    });
    if let Some(radii) = wishes.round_corners {
        nodes.push(Node::RoundImageCorners {
            radius: corner_radius(radii),
            background_color: background.clone(),
        });
    }
    push_colors(&mut nodes, wishes);
    let (on_canvas, on_image): (Vec<&Watermark>, Vec<&Watermark>) =
        watermarks.iter().partition(|mark| {
            matches!(
                mark.fit_box,
                Some(FitBox::CanvasMargins { .. } | FitBox::CanvasPercentage { .. })
            )
        });
    nodes.extend(on_image.into_iter().cloned().map(Node::Watermark));
    let [left, top, right, bottom] = layout.pad;
    if layout.pad != [0; 4] {
        nodes.push(Node::ExpandCanvas {
            left,
            top,
            right,
            bottom,
            color: background,
        });
    }
    nodes.extend(on_canvas.into_iter().cloned().map(Node::Watermark));
    push_turns(&mut nodes, wishes.rotate, wishes.flip);
    if wishes.red_dot == Some(true) {
        nodes.push(Node::WatermarkRedDot);
    }
    nodes
}

fn background(wishes: &Instructions) -> Color {
    match (wishes.background, wishes.format) {
        (Some([r, g, b, a]), _) => Color::from_rgba(r, g, b, a),
        (None, Some(Format::Jpeg)) => Color::from_rgba(255, 255, 255, 255),
        (None, _) => Color::Transparent,
    }
}

fn push_turns(nodes: &mut Vec<Node>, turns: Option<QuarterTurns>, flip: Option<Flip>) {
    nodes.extend(match turns.map(QuarterTurns::turns) {
        Some(1) => Some(Node::Rotate90),
        Some(2) => Some(Node::Rotate180),
        Some(3) => Some(Node::Rotate270),
        _ => None,
    });
    if matches!(flip, Some(Flip::X | Flip::Both)) {
        nodes.push(Node::FlipH);
    }
    if matches!(flip, Some(Flip::Y | Flip::Both)) {
        nodes.push(Node::FlipV);
    }
}

fn resample_hints(wishes: &Instructions, layout: &Layout, background: &Color) -> ResampleHints {
    let shrinks = layout.image.0 < layout.source.0 || layout.image.1 < layout.source.1;
    let space = if shrinks {
        wishes.down_colorspace
    } else {
        wishes.up_colorspace
    };
    ResampleHints {
        sharpen_percent: wishes.sharpen,
        down_filter: wishes.down_filter.as_ref().map(|f| f.filter),
        up_filter: wishes.up_filter.as_ref().map(|f| f.filter),
        scaling_colorspace: match space {
            Some(Colorspace::Srgb) => Some(ScalingColorspace::Srgb),
            Some(Colorspace::Linear) => Some(ScalingColorspace::Linear),
            Some(Colorspace::Gamma) | None => None,
        },
        background_color: Some(background.clone()),
        resample_when: Some(ResampleWhen::SizeDiffersOrSharpeningRequested),
        sharpen_when: wishes.sharpen_when.map(|when| match when {
            Sharpening::Downscaling => SharpenWhen::Downscaling,
            Sharpening::SizeDiffers => SharpenWhen::SizeDiffers,
            Sharpening::Always => SharpenWhen::Always,
        }),
    }
}

fn corner_radius([top_left, top_right, bottom_right, bottom_left]: [f32; 4]) -> CornerRadius {
    if top_left == top_right && top_right == bottom_right && bottom_right == bottom_left {
        CornerRadius::Percentage(top_left)
    } else {
        CornerRadius::PercentageCustom(CornerRadii {
            top_left,
            top_right,
            bottom_right,
            bottom_left,
        })
    }
}

fn push_colors(nodes: &mut Vec<Node>, wishes: &Instructions) {
    let filters = [
        wishes.alpha.map(ColorFilterSrgb::Alpha),
        wishes.brightness.map(ColorFilterSrgb::Brightness),
        wishes.contrast.map(ColorFilterSrgb::Contrast),
        wishes.saturation.map(ColorFilterSrgb::Saturation),
        (wishes.sepia == Some(true)).then_some(ColorFilterSrgb::Sepia),
        wishes.grayscale.map(|weights| match weights {
            Grayscale::True | Grayscale::Ntsc | Grayscale::Y => ColorFilterSrgb::GrayscaleNtsc,
            Grayscale::Flat => ColorFilterSrgb::GrayscaleFlat,
            Grayscale::Ry => ColorFilterSrgb::GrayscaleRy,
            Grayscale::Bt709 => ColorFilterSrgb::GrayscaleBt709,
        }),
    ];
    nodes.extend(filters.into_iter().flatten().map(Node::ColorFilterSrgb));
    if wishes.white_balance == Some(WhiteBalance::Area) {
        nodes.push(Node::WhiteBalanceHistogramAreaThresholdSrgb { threshold: None });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::{layout, parse};

    fn names(text: &str) -> Vec<String> {
        let wishes = parse(text).0;
        let layout = layout(&wishes, (40, 30), (40, 30)).unwrap();
        steps(&wishes, &layout, &[])
            .iter()
            .map(|node| match serde_json::to_value(node).unwrap() {
                serde_json::Value::String(name) => name,
                other => other.as_object().unwrap().keys().next().unwrap().clone(),
            })
            .collect()
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let expected = [
            "rotate_90",
            "flip_h",
            "crop",
            "resample_2d",
            "round_image_corners",
            "color_filter_srgb",
            "color_filter_srgb",
            "white_balance_histogram_area_threshold_srgb",
            "expand_canvas",
            "rotate_180",
            "flip_v",
            "watermark_red_dot",
        ];
        let keys = "watermark_red_dot=1&flip=y&rotate=180&w=20&h=20&a.balancewhite=area&s.sepia=1&s.alpha=0.5\
                    &s.roundcorners=5&crop=10,0,0,0&sflip=x&srotate=90";
        assert_eq!(names(keys), expected);
        let reversed: Vec<&str> = keys.split('&').rev().collect();
        assert_eq!(names(&reversed.join("&")), expected);
    }

    #[test]
    fn jpeg_is_white_behind_and_others_are_transparent() {
        let color = |text: &str| background(&parse(text).0);
        assert_eq!(color("format=jpg"), Color::from_rgba(255, 255, 255, 255));
        assert_eq!(color("format=png"), Color::Transparent);
        assert_eq!(
            color("format=jpg&bgcolor=f00"),
            Color::from_rgba(255, 0, 0, 255)
        );
    }
}

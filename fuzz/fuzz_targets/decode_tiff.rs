#![no_main]

imageflow_fuzz::target!("decode_tiff");

#![no_main]

imageflow_fuzz::target!("job");

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| task_service_fuzz::import_icalendar(data));

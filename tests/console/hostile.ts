/** Texts that would run, or make elements, if they were taken for markup; each is what people may call things. */
export const HOSTILE_NAME = `"><img src=x onerror="alert('name')">`;
export const HOSTILE_TAG = `<svg onload=alert('tag')>`;
export const HOSTILE_PERSON = `<iframe srcdoc="<script>alert('person')</script>">`;
export const HOSTILE_REASON = `</script><script>alert('reason')</script>`;
export const HOSTILE_FILE = `<img src=x onerror=alert(1)>.yaml`;

/** Keeps the screen on for as long as it is looked at; browsers let go of the lock whenever the page was hidden. Returns how to stop. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | undefined
  const hold = async () => {
    if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
    lock = await navigator.wakeLock.request('screen').catch(() => undefined)
  }
  void hold()
  document.addEventListener('visibilitychange', hold)
  return () => {
    document.removeEventListener('visibilitychange', hold)
    void lock?.release()
  }
}

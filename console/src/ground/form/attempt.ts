/** Does what a button asks for, and says what came of it. */
import { ElMessage } from 'element-plus';
import { i18n } from '@/ground/i18n';

/** Whether it was done. `done` is said if it was, the server's own words if not. */
export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    ElMessage.success(done);
    return true;
  } catch (error) {
    ElMessage.error({ message: (error as Error).message || i18n.global.t('state.offline'), duration: 6000 });
    return false;
  }
}

import { listField } from '../schema/lists.ts';
import './types.ts';

listField('activity', 'activity', 'Every event there ever was, newest first unless ordered otherwise.');
